"""Where the files of a form go while they arrive."""

import contextlib

from django.core.files.uploadhandler import TemporaryFileUploadHandler


class RemovedWhenUnwritable(TemporaryFileUploadHandler):
    """A temporary file that cannot be written is removed at once; Django would leave it until memory is tidied.

    So a full disk gets back what the refused upload took.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError:
            with contextlib.suppress(OSError):  # closing writes what is still buffered, which fails as before
                self.upload_interrupted()
            raise
