"""What HR looks up afterwards; bot comes in through the doors."""
