"""What an act brought: treated against holdout."""
