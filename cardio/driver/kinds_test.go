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
	large  bool // too large to be written as a whole through pcscd
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
	all = append(append(all, classics()...), at88s()...)
	for i, chip := range []driver.Chip{driver.AT24C01, driver.AT24C02, driver.AT24C04, driver.AT24C08, driver.AT24C16,
		driver.AT24C32, driver.AT24C64, driver.AT24C128, driver.AT24C256, driver.AT24C512} {
		all = append(all, kind{name: string(chip), chip: chip, fresh: func() cardsim.Chip { return cardsim.NewAT24C(7 + i) },
			offset: 0x3D, length: 22, plain: true, large: i > 5})
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

// fresh1608 is a chip whose zone 3 wants the passwords of set 5, and zone 4 those of set 2
// for writing only; zone 5 is free, 6 may not be changed, 7 wants the cipher.
func fresh1608() cardsim.Chip {
	return cardsim.NewAT88SC1608([8]byte{0xFF, 0xFF, 0xFF, 0x23 | 5<<2, 0x63 | 2<<2, 0xE3, 0xE1, 0xC3},
		cardsim.Password{Set: 5, Code: [3]byte{5, 5, 5}}, cardsim.Password{Set: 5, Reading: true, Code: [3]byte{5, 5, 6}},
		cardsim.Password{Set: 2, Code: [3]byte{2, 2, 2}})
}

func write1608() driver.Secret { return code(driver.WritePassword, 5, 5, 5) }

func at88s() []kind {
	key1, key2 := [6]byte{1, 2, 3, 4, 5, 6}, [4]byte{6, 7, 8, 9}
	fresh102 := func() cardsim.Chip { return cardsim.NewAT88SC102([2]byte{0x12, 0x34}, key1, key2, false) }
	tries := func(c cardsim.Chip) int { return c.(*cardsim.AT88SC102).Tries() }
	leave := func(c cardsim.Chip, tries int) {
		c.(*cardsim.AT88SC102).Poke(0x0C, []byte{byte(1<<tries-1)<<4 | 0x0F})
	}
	zone1, zone2 := code(driver.EraseKey, key1[:]...), code(driver.EraseKey, key2[:]...)
	open, wrong := code(driver.Code, 0x12, 0x34), code(driver.Code, 0x43, 0x21)
	return []kind{
		{name: "AT88SC1608", chip: driver.AT88SC1608, fresh: fresh1608, area: 3, right: []driver.Secret{write1608()},
			wrong: []driver.Secret{code(driver.WritePassword, 0, 0, 0)}, most: 8, offset: 0x3D, length: 22,
			tries: func(c cardsim.Chip) int { return c.(*cardsim.AT88SC1608).Tries(5, false) },
			leave: func(c cardsim.Chip, tries int) {
				c.(*cardsim.AT88SC1608).SetCounter(5, false, byte(1<<tries-1))
			}},
		{name: "AT88SC102 zone 1", chip: driver.AT88SC102, fresh: fresh102, right: []driver.Secret{open, zone1},
			wrong: []driver.Secret{wrong, zone1}, tries: tries, leave: leave, most: 4, length: 64, plain: true},
		{name: "AT88SC102 zone 2", chip: driver.AT88SC102, fresh: fresh102, area: 1, right: []driver.Secret{open, zone2},
			wrong: []driver.Secret{wrong, zone2}, tries: tries, leave: leave, most: 4, length: 64, plain: true},
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

// pattern is data that no fresh chip holds. Its first two bits are ones, which leaves an AT88SC102's zone unlocked.
func pattern(n int, seed byte) []byte {
	data := bytes.Repeat([]byte{seed}, n)
	for i := range data {
		data[i] ^= byte(i * 7)
	}
	data[0] |= 0xC0
	return data
}
