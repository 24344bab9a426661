"""The web processes. Two run side by side, each a unit of its own: pages on 8000, uploads on 8001 (HEFED_BIND).

Only complete requests get a thread (hefed/web_worker.py); nginx.conf sends bodies that are too large to collect to
the second process, so that uploads never take the threads that answer pages.
"""

import os

bind = os.environ.get("HEFED_BIND", "127.0.0.1:8000")
worker_class = "hefed.web_worker.PatientWorker"
keepalive = 0
workers = 2
threads = 8
timeout = 120
graceful_timeout = 30
worker_tmp_dir = "/dev/shm"  # noqa: S108  the heartbeat file belongs in memory
control_socket_disable = True  # nobody asks it, and its default place lies in a home that the unit hides
forwarded_allow_ips = "127.0.0.1"
