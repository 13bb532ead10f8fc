"""What privacy does by itself, as jobs; outbox runs them."""

from apps.outbox.registry import JobKind, Period
from apps.privacy.services import data_requests, exports, retention

JOBS = (
    JobKind(exports.JOB, exports.build, given_up=exports.given_up),
    JobKind(data_requests.COPY_JOB, data_requests.copy),
    JobKind(data_requests.ERASE_JOB, data_requests.erase),
    JobKind("privacy.rights-tidy", data_requests.tidy, period=Period("ten-minutes")),
    JobKind("privacy.exports-tidy", exports.tidy, period=Period("ten-minutes")),
    JobKind("privacy.retention", retention.job, period=Period("day")),
)
