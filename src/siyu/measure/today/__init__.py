"""The first page of the day: money, people, tasks."""
