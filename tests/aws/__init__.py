"""Amazon's side, with servers on loopback in Amazon's place."""
