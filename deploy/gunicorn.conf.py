"""Threads, because an upload occupies one for as long as its bytes come; no request is ever computed on here."""

import os

bind = os.environ.get("HEFED_BIND", "127.0.0.1:8000")
workers = 2
threads = 8
timeout = 120
graceful_timeout = 30
worker_tmp_dir = "/dev/shm"  # noqa: S108  the heartbeat file belongs in memory
forwarded_allow_ips = "127.0.0.1"
