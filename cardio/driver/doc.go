// Package driver speaks to one kind of chip: it selects, reads, authenticates and
// writes, and knows nothing of what the bytes mean (that is cardfile's).
//
// A Memory is a card as areas of bytes: SLE4442 and SLE4428, AT24C01 to AT24C512,
// AT88SC102 and AT88SC1608, MIFARE Classic 1K and 4K.
// Open makes one of a chip that Candidates names for an answer to reset; which of
// several it is, the content says.
//
//	m, err := driver.Open(channel, driver.SLE4442, driver.Dialect{})
//	err = m.Unlock(0, driver.Secret{Use: driver.Code, Code: psc})
//	err = m.Write(0, 0x40, data)        // proves nothing
//	got, err := m.Read(0, 0x40, len(data)) // does
//
// A CPU card has commands of its own (CPU), and may have an e-purse (Purse), whose
// load is decided by the card's proof when the answer was lost.
//
// Vocabulary: a PSC is the code of an SLE44xx; a dialect is how a reader shows
// memory chips, by pseudo-APDUs of class FF; MF, DF and EF are a CPU card's root,
// folders and files (ISO 7816-4); an EF is named by its short file id (SFI); a
// challenge is the card's random number, good for the next command only; secure
// messaging is the MAC that a command carries, started from such a challenge.
// MAC1, MAC2 and TAC are a purse's: the card's, the issuer's, and the card's
// receipt. What no public trace or manual confirms is marked [U], and [M] what is
// from memory of a data sheet.
//
// DESIGN.md says what was decided and what was refused.
package driver
