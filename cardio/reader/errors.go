package reader

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vendgate/vendgate/cardio"
)

// Errors of this package, besides those of cardio.
var (
	// ErrNoService: there is no smart card service, or it is frozen. The next attempt asks anew.
	ErrNoService = errors.New("the smart card service does not run or does not answer: start it (Linux: systemctl restart pcscd; Windows: service SCardSvr)")
	// ErrNotAllowed: the service refuses this user.
	ErrNotAllowed = errors.New("the smart card service refuses this user: run pcscd with --disable-polkit, or allow org.debian.pcsc-lite.access_pcsc and .access_card in a polkit rule")
	// ErrMuteCard: there is something in the reader, but it does not start.
	ErrMuteCard = errors.New("the card does not start: it is upside down, dirty, damaged or of an unknown kind")
	// ErrSeveral: no reader was named, and several hold a card (UnclearError).
	ErrSeveral = errors.New("several readers hold a card")
	// ErrMonitorRuns: a second Monitor was asked for.
	ErrMonitorRuns = errors.New("the card monitor of this process runs already: there can be only one")
	// ErrNotBuiltIn: the program was built without PC/SC.
	ErrNotBuiltIn = errors.New("this program was built without PC/SC: build it with CGO_ENABLED=1")
)

// UnclearError says that no reader was named and that none stands out: either
// several hold a card, or there are several and none does. In the latter case
// it wraps cardio.ErrNoCard, else ErrSeveral.
type UnclearError struct {
	Readers  []string // all readers
	WithCard []string // those that hold a card
}

func (e *UnclearError) Error() string {
	if len(e.WithCard) == 0 {
		return fmt.Sprintf("%v: put it into one of %s", cardio.ErrNoCard, quoted(e.Readers))
	}
	return fmt.Sprintf("%v: name one of %s", ErrSeveral, quoted(e.WithCard))
}

// Unwrap is cardio.ErrNoCard when no reader holds a card, else ErrSeveral.
func (e *UnclearError) Unwrap() error {
	if len(e.WithCard) == 0 {
		return cardio.ErrNoCard
	}
	return ErrSeveral
}

func quoted(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }
