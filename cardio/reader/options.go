package reader

import "time"

// Options are the patience of a Reader. A zero field takes its default.
type Options struct {
	// Transmit bounds one command to the card (default 10 s). When it passes, the
	// reader is stuck until the card is pulled.
	Transmit time.Duration
	// Connect bounds waiting for the service and for other programs to let go of
	// the card (default 5 s), within the deadline of Connect's own context. A card
	// changes hands up to 0.4 s after the other program is done with it.
	Connect time.Duration
	// Close bounds waiting for the card to be powered down (default 2 s).
	Close time.Duration
}

func (o Options) withDefaults() Options {
	set := func(d *time.Duration, standard time.Duration) {
		if *d <= 0 {
			*d = standard
		}
	}
	set(&o.Transmit, 10*time.Second)
	set(&o.Connect, 5*time.Second)
	set(&o.Close, 2*time.Second)
	return o
}
