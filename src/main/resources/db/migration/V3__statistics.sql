-- The hub refreshes the planner's statistics itself while tables are young: without them, and under row-level security, a
-- statement over a batch is planned as a join by tenant alone.
do $$
begin
    execute format('grant maintain on all tables in schema %I to %I', current_schema(), '${app_role}');
    execute format('alter default privileges in schema %I grant maintain on tables to %I', current_schema(), '${app_role}');
end
$$;
