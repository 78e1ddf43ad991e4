package store

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/vending"
)

// bounds say how long the store waits. They are settings, given in the address of the database like those of pgxpool.
type bounds struct {
	connect     time.Duration // connect_timeout, of each host, in seconds
	commit      time.Duration // commit_timeout: from then on a commit is in doubt
	acquire     time.Duration // acquire_timeout: how long to wait for a connection that is free
	unconfirmed time.Duration // tcp_user_timeout, in milliseconds: how long what was sent may stay unconfirmed
	silence     time.Duration // silence_timeout: when a silent server is asked whether it lives
	ping        time.Duration // pool_ping_timeout
	lock        time.Duration // lock_timeout, in milliseconds: for what another transaction holds, as one whose commit hangs
}

var defaultBounds = bounds{connect: 2 * time.Second, commit: 5 * time.Second, acquire: 15 * time.Second,
	unconfirmed: 10 * time.Second, silence: 10 * time.Second, ping: 2 * time.Second, lock: 30 * time.Second}

// boundsOf takes the bounds out of a configuration. pgx would send those that it does not know to the server.
func boundsOf(config *pgxpool.Config) (bounds, error) {
	b, params := defaultBounds, config.ConnConfig.RuntimeParams
	for name, bound := range map[string]*time.Duration{"commit_timeout": &b.commit, "acquire_timeout": &b.acquire,
		"silence_timeout": &b.silence, "tcp_user_timeout": &b.unconfirmed, "lock_timeout": &b.lock} {
		said, ok := params[name]
		if !ok {
			continue
		}
		delete(params, name)
		if _, err := strconv.Atoi(said); err == nil && (name == "tcp_user_timeout" || name == "lock_timeout") {
			said += "ms" // libpq's and PostgreSQL's own, without a unit
		}
		d, err := time.ParseDuration(said)
		if err != nil || d <= 0 {
			return b, vending.ErrDatabase.With("Reason", "the database address: "+name+" is no length of time")
		}
		*bound = d
	}
	if config.ConnConfig.ConnectTimeout > 0 {
		b.connect = config.ConnConfig.ConnectTimeout
	}
	if config.PingTimeout > 0 {
		b.ping = config.PingTimeout
	}
	return b, nil
}

// guard sets what the traps of guard.go need in every connection.
func guard(config *pgxpool.Config) (bounds, error) {
	b, err := boundsOf(config)
	if err != nil {
		return b, err
	}
	config.PingTimeout = b.ping
	conn := config.ConnConfig
	conn.RuntimeParams["lock_timeout"] = milliseconds(b.lock)
	conn.ConnectTimeout = b.connect
	conn.DialFunc = b.dialer(conn.DialFunc)
	conn.OnNotice = notice
	conn.OnPgError = answered
	return b, nil
}

// milliseconds is a length of time as PostgreSQL reads it; never 0, which would be no bound.
func milliseconds(d time.Duration) string {
	return strconv.FormatInt(max(1, d.Milliseconds()), 10)
}

// down is the error of a database that does not answer. The reason names no
// password: pgx prints none.
func down(err error) error {
	if errors.Is(err, vending.ErrDatabase) {
		return err
	}
	reason := "the connection was lost"
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		reason = "no server answers at its address"
		if host := refusing(connect); host != nil {
			reason = "this host refused, and no other was asked: " + host.Error()
		}
	}
	return fmt.Errorf("%w: %w", vending.ErrDatabase.With("Reason", reason), err)
}

// refusing is what the host said at which the walk over the hosts stopped, with its name (trap 6), or nil.
func refusing(connect *pgconn.ConnectError) error {
	const password, database, privilege = "28P01", "3D000", "42501"
	hosts, ok := connect.Unwrap().(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	for _, host := range hosts.Unwrap() {
		var pg *pgconn.PgError
		if errors.As(host, &pg) && (pg.Code == password || pg.Code == database || pg.Code == privilege) {
			return host
		}
	}
	return nil
}
