"""Serves the stock services in one process, as `nameko run` does."""

# ruff: noqa: E402 -- eventlet comes before all else
import eventlet

eventlet.monkey_patch()

import os

from nameko import config as nameko_config
from nameko.runners import ServiceRunner

from benchmarks.peers import stock
from services.kernel import config

with nameko_config.patch(
    {"AMQP_URI": config.amqp_url(), "WEB_SERVER_ADDRESS": f"127.0.0.1:{os.environ['COUNTERSIGN_BENCH_PORT']}"}
):
    runner = ServiceRunner()
    for service in (stock.Comments, stock.Log, stock.Gateway):
        runner.add_service(service)
    runner.start()
    runner.wait()
