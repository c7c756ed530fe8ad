"""Prints whether MiniStack finds a queue that was kept by a start on another port."""

from __future__ import annotations

from ministack.services import sqs

sqs._act_create_queue({"QueueName": "kept"}, "")
kept = sqs.get_state()
sqs._queues.clear()
sqs.DEFAULT_PORT = "1"
sqs.load_persisted_state(kept)
# As `lambda_svc._poll_sqs` asks.
print("found" if sqs._queues.get(sqs._queue_url("kept")) else "lost")
