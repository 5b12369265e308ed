-- Run once, as superuser, before the hub first starts: by the PostgreSQL image on an empty volume, or by hand with
--   JAWORT_DB_OWNER_PASSWORD=… JAWORT_DB_PASSWORD=… psql -v ON_ERROR_STOP=1 -f init.sql
-- The owner runs the migrations. The application works under row-level security: it owns nothing and can bypass nothing.

\set ON_ERROR_STOP on
\set owner_password ''
\set app_password ''
\getenv owner_password JAWORT_DB_OWNER_PASSWORD
\getenv app_password JAWORT_DB_PASSWORD

SELECT :'owner_password' = '' OR :'app_password' = '' OR :'owner_password' = :'app_password' AS passwords_missing \gset
\if :passwords_missing
  \warn 'init.sql: JAWORT_DB_OWNER_PASSWORD and JAWORT_DB_PASSWORD must be set, and differ'
  SELECT 1 / 0 AS "passwords missing";
\endif

CREATE ROLE jawort_owner LOGIN PASSWORD :'owner_password'
  NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
CREATE ROLE jawort_app LOGIN PASSWORD :'app_password'
  NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

CREATE DATABASE jawort OWNER jawort_owner;
REVOKE ALL ON DATABASE jawort FROM PUBLIC;
GRANT CONNECT ON DATABASE jawort TO jawort_app;
