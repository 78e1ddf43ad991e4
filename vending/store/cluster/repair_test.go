//go:build linux

package cluster

import "testing"

// earlier makes a cluster what the first versions made: without the role that the service works as.
const earlier = "drop role " + ServiceRole

// A cluster of an earlier version gets the role that the service works as, when it is opened; again changes nothing.
func TestRolesOfAnEarlierVersionAreRepaired(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	c := open(t, dir)
	must(t, exec1(patience(t), c.SuperuserDSN(), earlier))
	for range 2 {
		again := open(t, dir)
		must(t, exec1(patience(t), again.DSN(), "set role "+ServiceRole))
	}
	must(t, exec1(patience(t), c.SuperuserDSN(), "revoke "+ServiceRole+" from "+Role))
	must(t, exec1(patience(t), open(t, dir).DSN(), "set role "+ServiceRole))
}
