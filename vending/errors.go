package vending

import "fmt"

// Kind is what a caller can do about an error. The list is closed: exit code,
// HTTP status and words are chosen from it at the edge.
type Kind uint8

// The kinds of error.
const (
	Failed     Kind = iota // try again or call the operator
	Invalid                // the request itself is wrong
	NotFound               // what was named does not exist
	NotAllowed             // a rule forbids it (RULES B10)
	Doubtful               // an unresolved purchase stands in the way
	Locked                 // somebody else is at it
)

// Error is a refusal with a code; the words for the clerk are looked up by
// Code, in their language, with Args filled in.
type Error struct {
	Kind Kind
	Code string
	Args map[string]any
}

func (e *Error) Error() string {
	if len(e.Args) == 0 {
		return e.Code
	}
	return fmt.Sprintf("%s %v", e.Code, e.Args)
}

// Is makes errors.Is compare by code, whatever the arguments.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// With returns the error with arguments for its words, given as name, value pairs.
func (e *Error) With(pairs ...any) *Error {
	args := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i].(string)] = pairs[i+1]
	}
	return &Error{Kind: e.Kind, Code: e.Code, Args: args}
}

// What vendgate refuses. Nothing has been written, to the books or to a card,
// when one of these is returned.
var (
	ErrAmountInvalid  = &Error{Kind: Invalid, Code: "amount_invalid"}
	ErrAmountTooSmall = &Error{Kind: Invalid, Code: "amount_too_small"}
	ErrAmountTooLarge = &Error{Kind: NotAllowed, Code: "amount_too_large"}
	ErrAdvanceShort   = &Error{Kind: NotAllowed, Code: "advance_short"}
	ErrMeterFull      = &Error{Kind: NotAllowed, Code: "meter_full"}
	ErrIDInvalid      = &Error{Kind: Invalid, Code: "id_invalid"}
	ErrNumberInvalid  = &Error{Kind: Invalid, Code: "number_invalid"}

	ErrNoCustomer    = &Error{Kind: NotFound, Code: "no_customer"}
	ErrNoMeter       = &Error{Kind: NotFound, Code: "no_meter"}
	ErrMeterRemoved  = &Error{Kind: NotAllowed, Code: "meter_removed"} // it was replaced, or the account closed
	ErrNoTariff      = &Error{Kind: NotFound, Code: "no_tariff"}
	ErrCardNotOurs   = &Error{Kind: NotFound, Code: "card_not_in_books"}
	ErrNoPurchase    = &Error{Kind: NotFound, Code: "no_purchase"}
	ErrCustomerTaken = &Error{Kind: NotAllowed, Code: "customer_exists"}
	ErrMeterTaken    = &Error{Kind: NotAllowed, Code: "meter_taken"}
	ErrCardTaken     = &Error{Kind: NotAllowed, Code: "card_taken"}

	ErrCustomerClosed = &Error{Kind: NotAllowed, Code: "customer_no_sale"}
	ErrCardLost       = &Error{Kind: NotAllowed, Code: "card_lost"}
	ErrCardNotActive  = &Error{Kind: NotAllowed, Code: "card_not_active"}
	ErrWrongCard      = &Error{Kind: NotAllowed, Code: "wrong_card"}
	ErrCardDisagrees  = &Error{Kind: NotAllowed, Code: "card_disagrees"}
	ErrIDReused       = &Error{Kind: NotAllowed, Code: "id_reused"}

	ErrUnresolved    = &Error{Kind: Doubtful, Code: "purchase_unresolved"}
	ErrCommitInDoubt = &Error{Kind: Doubtful, Code: "commit_in_doubt"}
	ErrSettleFailed  = &Error{Kind: Doubtful, Code: "settle_failed"}

	ErrHeld         = &Error{Kind: Locked, Code: "row_held"}
	ErrPeriodClosed = &Error{Kind: NotAllowed, Code: "period_closed"}

	ErrIncomplete = &Error{Kind: Failed, Code: "reading_incomplete"}
	ErrUnfit      = &Error{Kind: Invalid, Code: "value_unfit"} // the database holds no such value, as a register below 0

	ErrNewerSchema = &Error{Kind: Failed, Code: "newer_schema"}
	ErrDatabase    = &Error{Kind: Failed, Code: "database_down"}
	ErrBooks       = &Error{Kind: Failed, Code: "books_violated"}
)
