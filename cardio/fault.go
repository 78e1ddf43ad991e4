package cardio

import (
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
)

// faults says which of this package's errors stands before an inner one; the
// first line that fits counts. A sentinel of driver or apdu that has no line here has no
// words for the clerk: a test in vending/words holds that.
var faults = [...]struct{ inner, ours error }{
	{apdu.ErrDead, ErrLinkDead},
	{driver.ErrTriesLow, ErrAuthTriesLow},
	{driver.ErrShort, ErrDamagedCard},
	{driver.ErrSecret, ErrCode},
	{driver.ErrBlocked, ErrAuthTriesLow},
	{driver.ErrMAC1, ErrForeignCard},
	{driver.ErrTAC, ErrTorn},
	{driver.ErrUnsure, ErrTorn},
	{driver.ErrFull, ErrOrderNotValid},
	{driver.ErrNotErased, ErrNotErased},
	{driver.ErrDialect, ErrDialect},
	{driver.ErrLocked, ErrCode}, // no secret of ours opens it
	{driver.ErrChip, ErrUnknownCard},
	{driver.ErrUse, ErrMisfit},
	{driver.ErrRange, ErrMisfit},
	{apdu.ErrCommand, ErrMisfit},
	{apdu.ErrUnlike, ErrCardRefused},
	{cardfile.ErrValue, ErrOrderNotValid},
	{cardfile.ErrNoRule, ErrReadOnly},
	{cardfile.ErrNoIssue, ErrReadOnly},
	{sam.ErrVersion, ErrKeyVersion},
	{sam.ErrTrial, ErrTrialCard},
	{sam.ErrWeakKey, ErrTrialCard},
	{sam.ErrProduction, ErrProductionCard},
}

// fault puts the error that callers branch on before an inner one. The inner one
// stays in the chain: errors.As finds the *apdu.StatusError.
func fault(err error) error {
	if err == nil {
		return nil
	}
	for _, f := range faults {
		if errors.Is(err, f.inner) {
			return fmt.Errorf("%w: %w", f.ours, err)
		}
	}
	if refused(err) {
		return fmt.Errorf("%w: %w", ErrCardRefused, err)
	}
	return err // the security module's own
}
