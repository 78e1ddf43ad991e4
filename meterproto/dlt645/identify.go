package dlt645

import "fmt"

const (
	challengeSize = 3 * 8
	identitySize  = 4 + 8
)

// AskIdentity is the command that opens a session: 070000FF with a challenge.
func AskIdentity(op Operator, c Challenge) SecurityCommand {
	payload := append(append(append([]byte(nil), c.Cipher[:]...), c.Random[:]...), c.Diversifier[:]...)
	return SecurityCommand{DI: ID(Identify), Operator: op, Payload: payload}
}

// DecodeChallenge reads a command that AskIdentity made. It fails with
// ErrMalformed where the command is anything else.
func DecodeChallenge(cmd SecurityCommand) (c Challenge, err error) {
	if cmd.DI != ID(Identify) || len(cmd.Payload) != challengeSize {
		return Challenge{}, fmt.Errorf("%w: %v with %d bytes is no challenge", ErrMalformed, cmd.DI, len(cmd.Payload))
	}
	copy(c.Cipher[:], cmd.Payload)
	copy(c.Random[:], cmd.Payload[8:])
	copy(c.Diversifier[:], cmd.Payload[16:])
	return c, nil
}

// IdentityFrame is the answer of the session's meter to the challenge.
func IdentityFrame(s Session) Frame {
	payload := append(append([]byte(nil), s.Random[:]...), s.ESAM[:]...)
	return SecurityAnswer{DI: ID(Identify), Payload: payload}.Frame(s.Meter)
}

// DecodeIdentity reads the answer to a challenge as the session it opens. Errors
// as DecodeSecurityAnswer.
func DecodeIdentity(f Frame, c Challenge) (Session, error) {
	answer, err := DecodeSecurityAnswer(f, Identify)
	if err != nil {
		return Session{}, err
	}
	b, err := answer.payload(identitySize)
	if err != nil {
		return Session{}, err
	}
	return Session{Meter: f.Address, Challenge: c, Random: [4]byte(b), ESAM: [8]byte(b[4:])}, nil
}
