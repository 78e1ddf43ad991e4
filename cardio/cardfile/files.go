package cardfile

// Where vg1 lives on a CPU card. Each file has one writer, with a pair of keys
// of one id; authenticating with it gives the security state of the same number,
// and only that state may write the file. Reading is free.
const (
	Application  = "\xF0VENDGATE\x01" // name of the DF, proprietary (ISO 7816-5: F)
	Directory    = 0x3F01             // its id
	VendorSFI    = 1                  // identity and purse
	WriteBackSFI = 2
	VendorKey    = 1
	MeterKey     = 2
)
