package driver_test

import (
	"bytes"

	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// kind is a chip as the conformance suite needs it.
type kind struct {
	name   string
	chip   driver.Chip
	fresh  func() cardsim.Chip
	area   int             // that is written
	right  []driver.Secret // that unlock it, in order
	wrong  []driver.Secret // the same, the first one false
	tries  func(cardsim.Chip) int
	leave  func(c cardsim.Chip, tries int) // spends tries until so many are left
	most   int                             // tries of a fresh chip, 0 where nothing counts
	length int                             // bytes that the fault grid writes at offset
	offset int
	plain  bool // no dialect shows it otherwise
}

func code(use driver.Use, b ...byte) driver.Secret {
	return driver.Secret{Use: use, Code: sam.NewSecret(b)}
}

// kinds are the chips of the suite.
func kinds() []kind {
	all := []kind{
		{
			name: "SLE4442", chip: driver.SLE4442, fresh: func() cardsim.Chip { return cardsim.NewSLE4442() },
			right: []driver.Secret{code(driver.Code, 0xFF, 0xFF, 0xFF)}, wrong: []driver.Secret{code(driver.Code, 0xFF, 0xFF, 0xFE)},
			tries: sleTries, leave: sleLeave, most: 3, offset: 0x20, length: 12,
		},
		{
			name: "SLE4428", chip: driver.SLE4428, fresh: func() cardsim.Chip { return cardsim.NewSLE4428() },
			right: []driver.Secret{code(driver.Code, 0xFF, 0xFF)}, wrong: []driver.Secret{code(driver.Code, 0, 0)},
			tries: sleTries, leave: sleLeave, most: 8, offset: 0xFA, length: 12,
		},
	}
	all = append(all, classics()...)
	for i, chip := range []driver.Chip{driver.AT24C01, driver.AT24C02, driver.AT24C04, driver.AT24C08, driver.AT24C16,
		driver.AT24C32, driver.AT24C64, driver.AT24C128, driver.AT24C256, driver.AT24C512} {
		all = append(all, kind{name: string(chip), chip: chip, fresh: func() cardsim.Chip { return cardsim.NewAT24C(7 + i) },
			offset: 0x3D, length: 22, plain: true})
	}
	return all
}

func classics() []kind {
	uid := [4]byte{1, 2, 3, 4}
	right := []driver.Secret{code(driver.KeyA, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)} // as sold, key B is data
	wrong := []driver.Secret{code(driver.KeyA, 0, 0, 0, 0, 0, 0)}
	return []kind{
		{name: "MIFARE 1K", chip: driver.Mifare1K, fresh: func() cardsim.Chip { return cardsim.NewClassic1K(uid) },
			area: 1, right: right, wrong: wrong, offset: 16, length: 32},
		{name: "MIFARE 1K, sector 0", chip: driver.Mifare1K, fresh: func() cardsim.Chip { return cardsim.NewClassic1K(uid) },
			area: 0, right: right, wrong: wrong, offset: 0, length: 16},
		{name: "MIFARE 4K", chip: driver.Mifare4K, fresh: func() cardsim.Chip { return cardsim.NewClassic4K(uid) },
			area: 39, right: right, wrong: wrong, offset: 224, length: 16},
	}
}

func sleTries(c cardsim.Chip) int        { return c.(*cardsim.SLE).Tries() }
func sleLeave(c cardsim.Chip, tries int) { c.(*cardsim.SLE).SetCounter(byte(1<<tries - 1)) }

// pair is a reader's firmware and the driver's value for it.
type pair struct {
	firmware cardsim.Firmware
	dialect  driver.Dialect
}

// dialects are the firmwares that show the chip otherwise, configured and asked.
func (k kind) dialects() map[string]pair {
	if k.plain {
		return map[string]pair{"any": {cardsim.NewFirmware(), driver.Dialect{}}}
	}
	return map[string]pair{
		"new": {cardsim.NewFirmware(), driver.NewACS()}, "new, asked": {cardsim.NewFirmware(), driver.Dialect{}},
		"old": {cardsim.OldFirmware(), driver.OldACS()}, "old, asked": {cardsim.OldFirmware(), driver.Dialect{}},
	}
}

// pattern is data that no fresh chip holds.
func pattern(n int, seed byte) []byte {
	data := bytes.Repeat([]byte{seed}, n)
	for i := range data {
		data[i] ^= byte(i * 7)
	}
	return data
}
