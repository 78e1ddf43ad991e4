//go:build linux

package cluster

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// repairSQL makes what a cluster of an earlier version lacks: the role that the service works as. Whoever opens the database
// then gives it its rights.
const repairSQL = `
do $$ begin
	if not exists (select from pg_roles where rolname = '` + ServiceRole + `') then
		create role ` + ServiceRole + ` nologin;
	end if;
	if not pg_has_role('` + Role + `', '` + ServiceRole + `', 'member') then
		grant ` + ServiceRole + ` to ` + Role + `;
	end if;
end $$`

// repair brings the roles of a cluster up to date. The caller holds start.lock.
func (c *Cluster) repair(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.SuperuserDSN())
	if err != nil {
		return fmt.Errorf("repairing the roles: %w", err)
	}
	_, err = conn.Exec(ctx, repairSQL)
	return errors.Join(err, conn.Close(ctx))
}
