"""The auditor's tool: needs an export, and nothing of the services."""
