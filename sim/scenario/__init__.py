"""What would change? A pathway, its numbers, a world and dated reforms become a plan."""
