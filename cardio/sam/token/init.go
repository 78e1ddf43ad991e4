//go:build cgo && !windows

package token

import (
	"errors"
	"fmt"
	"strings"

	"github.com/miekg/pkcs11"
)

// Init makes a token in a slot that has none yet, with our label and PIN. A slot
// with a token is never touched: that would destroy its keys. ErrTaken, ErrNoRoom; ErrPINLength where the token would
// take the label and then refuse the PIN.
func Init(o Options, soPIN func() (string, error)) error {
	module := pkcs11.New(o.Module)
	if module == nil {
		return fmt.Errorf("%w: %s", ErrModule, o.Module)
	}
	defer module.Destroy()
	if err := module.Initialize(); err != nil {
		return fmt.Errorf("%w: %w", ErrModule, err)
	}
	defer func() { _ = module.Finalize() }()
	slot, err := emptySlot(module, o.Label)
	if err != nil {
		return err
	}
	so, err := soPIN()
	if err != nil {
		return fmt.Errorf("the token's security officer's PIN: %w", err)
	}
	pin, err := o.PIN()
	if err != nil {
		return fmt.Errorf("the token's PIN: %w", err)
	}
	if err := fits(module, slot, so, pin); err != nil {
		return err
	}
	if err := module.InitToken(slot, so, o.Label); err != nil {
		return explain(err)
	}
	if slot, err = slotOf(module, o.Label); err != nil { // SoftHSM moves it to another slot
		return err
	}
	return setPIN(module, slot, so, pin)
}

// fits holds PINs against the lengths that the token takes.
func fits(module *pkcs11.Ctx, slot uint, pins ...string) error {
	i, err := module.GetTokenInfo(slot)
	if err != nil {
		return explain(err)
	}
	for _, pin := range pins {
		if n := uint(len(pin)); n < i.MinPinLen || n > i.MaxPinLen {
			return fmt.Errorf("%w: %d to %d", ErrPINLength, i.MinPinLen, i.MaxPinLen)
		}
	}
	return nil
}

func setPIN(module *pkcs11.Ctx, slot uint, so, pin string) error {
	h, err := module.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		return explain(err)
	}
	if err := module.Login(h, pkcs11.CKU_SO, so); err != nil {
		return explain(err)
	}
	return explain(errors.Join(module.InitPIN(h, pin), module.CloseSession(h)))
}

// slotOf finds a token by its label: ErrNoToken.
func slotOf(module *pkcs11.Ctx, label string) (uint, error) {
	slots, err := module.GetSlotList(true)
	if err != nil {
		return 0, explain(err)
	}
	for _, s := range slots {
		if i, err := module.GetTokenInfo(s); err == nil && i.Flags&pkcs11.CKF_TOKEN_INITIALIZED != 0 && labelOf(i) == label {
			return s, nil
		}
	}
	return 0, fmt.Errorf("%w: %s", ErrNoToken, label)
}

func emptySlot(module *pkcs11.Ctx, label string) (uint, error) {
	if _, err := slotOf(module, label); !errors.Is(err, ErrNoToken) {
		if err == nil {
			err = fmt.Errorf("%w: %s", ErrTaken, label)
		}
		return 0, err
	}
	slots, err := module.GetSlotList(true)
	if err != nil {
		return 0, explain(err)
	}
	for _, s := range slots {
		if i, err := module.GetTokenInfo(s); err == nil && i.Flags&pkcs11.CKF_TOKEN_INITIALIZED == 0 {
			return s, nil
		}
	}
	return 0, ErrNoRoom
}

func labelOf(i pkcs11.TokenInfo) string { return strings.TrimRight(i.Label, " \x00") }
