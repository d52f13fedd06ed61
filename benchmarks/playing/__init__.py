"""Parts of the scenarios benchmark: what is done, who watches, who observes apart, who judges."""
