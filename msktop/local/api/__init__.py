"""AWS's wire protocols, server side: requests read and answered by AWS's own service models."""
