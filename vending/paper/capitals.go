package paper

var capital = [10]string{"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"}

// Capitals writes fen in Chinese capitals, as on every receipt: 1640902 is
// 人民币壹万陆仟肆佰零玖元零贰分. It follows 正确填写票据和结算凭证的基本规定: 整
// ends what has no fen, zeros in a row are said once, and where a zero may be
// left out (柒仟元 after 壹拾万, 叁角 after a yuan that ends in zero) it is.
func Capitals(fen int64) string {
	said, n := "人民币", uint64(fen)
	if fen < 0 {
		said, n = said+"负", -n
	}
	yuan, jiao, rest := n/100, n/10%10, n%10
	if yuan > 0 || n == 0 {
		said += whole(yuan) + "元"
	}
	if jiao > 0 {
		said += capital[jiao] + "角"
	} else if rest > 0 && yuan > 0 {
		said += capital[0]
	}
	if rest > 0 {
		return said + capital[rest] + "分"
	}
	return said + "整"
}

// whole spells a number: in fours, with 万 and 亿 (and 亿亿 above them).
func whole(n uint64) string {
	const wan, yi = 1_0000, 1_0000_0000
	switch {
	case n == 0:
		return capital[0]
	case n >= yi:
		return joined(n/yi, "亿", n%yi, yi/10)
	case n >= wan:
		return joined(n/wan, "万", n%wan, wan/10)
	case n >= 1000:
		return joined(n/1000, "仟", n%1000, 100)
	case n >= 100:
		return joined(n/100, "佰", n%100, 10)
	case n >= 10:
		return joined(n/10, "拾", n%10, 1)
	}
	return capital[n]
}

// joined says how many units there are and what is left over; a 零 stands for
// the places between them.
func joined(units uint64, unit string, left, next uint64) string {
	said := whole(units) + unit
	switch {
	case left == 0:
		return said
	case left < next:
		return said + capital[0] + whole(left)
	}
	return said + whole(left)
}
