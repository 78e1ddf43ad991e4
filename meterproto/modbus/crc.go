package modbus

// crcSize is the length of the CRC, the low byte first (SL §2.5.1.2).
const crcSize = 2

// crcTable holds the CRC of each byte: polynomial A001H, the low bit first (SL
// §6.2.2).
var crcTable = func() (t [256]uint16) {
	for i := range t {
		crc := uint16(i)
		for range 8 {
			low := crc & 1
			if crc >>= 1; low != 0 {
				crc ^= 0xA001
			}
		}
		t[i] = crc
	}
	return t
}()

// crc16 is the CRC of b. Of a whole frame, its CRC included, it is 0.
func crc16(b []byte) uint16 {
	crc := uint16(0xFFFF)
	for _, x := range b {
		crc = crc>>8 ^ crcTable[byte(crc)^x]
	}
	return crc
}
