package vending

import (
	"time"

	"github.com/google/uuid"
)

// Terminal is a counter PC that holds a card reader for one till, enrolled once
// and known by the public key of its certificate from then on.
type Terminal struct {
	ID       uuid.UUID
	Till     string
	Host     string   // what the PC calls itself
	Key      [32]byte // SHA-256 of its public key
	Enrolled time.Time
	By       string    // staff code of who let it in
	MayIssue bool      // cards may be made and keyed there, where it was started so, too
	Revoked  time.Time // zero: it is good
}

// EnrolCode lets one PC become the terminal of a till, once and for a short time.
// The code itself is kept nowhere: only its hash.
type EnrolCode struct {
	Hash    [32]byte
	Till    string
	By      string // staff code of who let it be shown
	Issues  bool   // cards may be made there (RULES C3)
	Expires time.Time
}

// EnrolTime is how long a code is good, by the service's clock.
const EnrolTime = 10 * time.Minute

// What is wrong with a terminal, or with who wants to be one.
var (
	ErrTerminalAway    = &Error{Kind: Failed, Code: "terminal_away"}
	ErrTerminalBusy    = &Error{Kind: Locked, Code: "terminal_busy"}
	ErrTerminalRevoked = &Error{Kind: NotAllowed, Code: "terminal_revoked"}
	ErrNoTerminal      = &Error{Kind: NotFound, Code: "no_terminal"}
	ErrTillHasTerminal = &Error{Kind: NotAllowed, Code: "till_has_terminal"}
	ErrTerminalsOff    = &Error{Kind: NotAllowed, Code: "terminals_off"}
	ErrNotEnrolled     = &Error{Kind: NotAllowed, Code: "terminal_not_enrolled"}

	ErrCodeWrong    = &Error{Kind: NotAllowed, Code: "enrol_code_wrong"}
	ErrCodeSpelling = &Error{Kind: Invalid, Code: "enrol_code_spelling"}
	ErrCodeExpired  = &Error{Kind: NotAllowed, Code: "enrol_code_expired"}
	ErrCodeUsed     = &Error{Kind: NotAllowed, Code: "enrol_code_used"}
	ErrCodeTries    = &Error{Kind: Locked, Code: "enrol_code_tries"}

	ErrNoShell        = &Error{Kind: Failed, Code: "terminal_no_shell"}
	ErrServiceAway    = &Error{Kind: Failed, Code: "service_away"}
	ErrServiceUnknown = &Error{Kind: NotAllowed, Code: "service_unknown"}
	ErrServiceAddress = &Error{Kind: Invalid, Code: "service_address"}
	ErrClockWrong     = &Error{Kind: Failed, Code: "clock_wrong"}

	ErrFrame        = &Error{Kind: Failed, Code: "terminal_frame"}
	ErrFrameTooBig  = &Error{Kind: Failed, Code: "terminal_frame_too_big"}
	ErrOldInsertion = &Error{Kind: Failed, Code: "terminal_old_insertion"}
	ErrInstruction  = &Error{Kind: NotAllowed, Code: "terminal_instruction"}
	ErrUnsigned     = &Error{Kind: NotAllowed, Code: "terminal_unsigned"}
)
