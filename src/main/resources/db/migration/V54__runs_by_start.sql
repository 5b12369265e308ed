-- What went on one day is asked for before each batch; buffers alone leave a run every quarter of an hour, for three years.
create index retention_run_started on retention_run (tenant, started_at);
