"""What each GraphQL field does: plan the selection, ask models, shape the answer."""
