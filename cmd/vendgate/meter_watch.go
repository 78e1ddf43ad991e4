package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/meterproto/facts"
)

// burstQuiet is the pause by which bursts are told apart: twenty characters at 300 baud take longer, but no frame pauses so long.
const burstQuiet = 60 * time.Millisecond

type meterWatchOptions struct {
	bus    busOptions
	period time.Duration
}

func meterWatchCommand(a *app) *cobra.Command {
	var o meterWatchOptions
	c := &cobra.Command{
		Use:   "watch-bus",
		Short: "Listen to a line, and say what passes",
		Long: `Listen to a line on which somebody else is the master, and say what passes, a burst of bytes a line: the time, the bytes, and what
the protocol makes of them; where a password or key is among them, stars stand for the bytes ("masked"). It sends nothing. With -o json each line is one object, as meter decode gives it.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runMeterWatch(c.Context(), a, o) },
	}
	o.bus.flags(c)
	c.Flags().DurationVar(&o.period, "for", 0, "how long; default: until it is stopped")
	return c
}

// burst is what is said of one.
type burst struct {
	At  time.Time `json:"at"`
	Hex string    `json:"hex"`
	facts.Answer
}

func runMeterWatch(ctx context.Context, a *app, o meterWatchOptions) error {
	if a.output == "csv" {
		return usageError{errors.New("frames differ too much for columns: want -o json or -o table")}
	}
	l, err := o.bus.config()
	if err != nil {
		return err
	}
	line, err := l.open(nil) // and not borrowed: nobody would speak on it
	if err != nil {
		return err
	}
	defer line.Close()
	if err := line.Ready(ctx); err != nil {
		return err
	}
	if o.period > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.period)
		defer cancel()
	}
	err = line.Watch(ctx, burstQuiet, func(at time.Time, b []byte) error { return a.showBurst(o.bus.protocol, at, b) })
	if ctx.Err() != nil {
		return nil // stopped, as it should be
	}
	return err
}

func (a *app) showBurst(protocol string, at time.Time, b []byte) error {
	text, answer, err := facts.Watch(protocol, b)
	if err != nil {
		return err
	}
	if a.output == "json" {
		e := json.NewEncoder(a.out)
		e.SetEscapeHTML(false)
		return e.Encode(burst{at.UTC(), text, answer})
	}
	if !answer.Masked {
		text = fmt.Sprintf("% X", b)
	}
	_, err = fmt.Fprintf(a.out, "%s  %s\n", at.Format("15:04:05.000"), text)
	for _, f := range answer.Frames {
		line, jsonErr := json.Marshal(f)
		_, printErr := fmt.Fprintf(a.out, "              %s\n", line)
		err = errors.Join(err, jsonErr, printErr)
	}
	if !answer.OK {
		_, printErr := fmt.Fprintf(a.out, "              %s\n", answer.Error)
		err = errors.Join(err, printErr)
	}
	return err
}
