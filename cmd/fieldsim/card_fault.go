package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/fixtures/field"
)

func cardFaultCommand(a *app) *cobra.Command {
	var o order
	c := &cobra.Command{
		Use:   "fault",
		Short: "Let something go wrong, once, with the card in a reader",
		Long: `Let something go wrong, once, with the card in a reader.

  hang         never answers, until it is pulled; does nothing
  late         does it and answers after --delay
  short        does it and answers --bytes bytes
  fail         does nothing, the command is lost
  lose-answer  does it, the answer is lost
  tear         writes --bytes bytes and is pulled (--erased: the rest reads FF)
  pull         is pulled before it does it; pull-after: after it
  swap         --card does it in its place; swap-after: is swapped for it afterwards

It happens at the command --at, counted from the next one as 0, or at the next
one called --on.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runCard(c.Context(), a, "card/fault", o) },
	}
	readerFlag(c, &o)
	f := c.Flags()
	f.StringVar(&o.Fault.Kind, "kind", "hang", "what goes wrong: "+field.Kinds)
	f.IntVar(&o.Fault.At, "at", 0, "at this command")
	f.StringVar(&o.Fault.On, "on", "", "at this kind of command: "+field.Commands+", or an INS as D6")
	f.DurationVar(&o.Fault.Delay, "delay", 15*time.Second, "of a late answer")
	f.IntVar(&o.Fault.Bytes, "bytes", 0, "of a short answer, or written before the tear")
	f.BoolVar(&o.Fault.Erased, "erased", false, "what the tear left unwritten is erased")
	f.IntVar(&o.Fault.Card, "card", 2, "the card that is swapped in")
	return c
}
