"""What a clause asks, as tests over an agency's facts; and what those tests say."""
