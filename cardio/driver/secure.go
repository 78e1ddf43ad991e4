package driver

import (
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/cardio/apdu"
)

// AuthKey answers a card's challenge.
type AuthKey interface {
	Cryptogram(challenge []byte) ([8]byte, error)
}

// MessageKey MACs a command: its header, Lc and data, started from a challenge.
type MessageKey interface {
	SecureMAC(challenge, message []byte) ([4]byte, error)
}

const (
	challengeSize = 4
	macSize       = 4
)

// Authenticate proves to the card that the caller holds the key with that id.
// A key's refusal is final for this CPU and given again without a word to the card. It
// wraps ErrTriesLow when the card has one try left or none: the last one is not
// for a program to spend (cards.md §1, 63Cx).
func (c *CPU) Authenticate(keyID byte, key AuthKey) error {
	if err := c.refusals[keyID]; err != nil {
		return err
	}
	challenge, err := c.challenge()
	if err != nil {
		return step("authenticate", err)
	}
	cryptogram, err := key.Cryptogram(challenge)
	if err != nil {
		return step("authenticate", err)
	}
	_, err = c.ch.Send(apdu.Command{INS: 0x82, P2: keyID, Data: cryptogram[:]})
	c.refusals[keyID] = step("authenticate", judgeTries(err))
	return c.refusals[keyID]
}

// judgeTries marks a refusal after which a program must stay away from the key.
func judgeTries(err error) error {
	var status *apdu.StatusError
	if !errors.As(err, &status) {
		return err
	}
	if status.Status == apdu.KeyLocked || status.Tries == 0 || status.Tries == 1 {
		return fmt.Errorf("%w: %w", ErrTriesLow, err)
	}
	return err
}

// challenge fetches a random number; the card forgets it after the next command.
func (c *CPU) challenge() ([]byte, error) {
	b, err := c.ch.Send(apdu.Command{INS: 0x84, Le: challengeSize})
	if err == nil && len(b) != challengeSize {
		err = fmt.Errorf("%w: challenge of %d", ErrShort, len(b))
	}
	return b, err
}

// secure sends cmd under PBOC secure messaging: class bit 04, and a MAC over
// header, Lc and data at the data's end. Lc counts the MAC.
func (c *CPU) secure(cmd apdu.Command, key MessageKey) error {
	if len(cmd.Data)+macSize > apdu.MaxData {
		return apdu.ErrCommand
	}
	challenge, err := c.challenge()
	if err != nil {
		return err
	}
	cmd.CLA |= 0x04
	message := []byte{cmd.CLA, cmd.INS, cmd.P1, cmd.P2, byte(len(cmd.Data) + macSize)}
	message = append(message, cmd.Data...)
	mac, err := key.SecureMAC(challenge, message)
	if err != nil {
		return err
	}
	cmd.Data = append(message[5:len(message):len(message)], mac[:]...)
	_, err = c.ch.Send(cmd)
	return err
}
