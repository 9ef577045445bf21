"""What a sponsor's own page says."""

from contracts.languages import Words

DESK = Words("Ủng hộ của tôi", "My gifts")
AGREE = Words("Đồng ý công khai tên", "Agree to be named")
WITHDRAW = Words("Thôi công khai tên", "Be named no more")
PLEDGES = Words("Đã đăng ký", "Pledged")
GIFTS = Words("Đã ủng hộ", "Given")
CAMPAIGN = Words("Đợt vận động", "Campaign")
CATEGORY = Words("Loại", "Category")
QUANTITY = Words("Số lượng", "Quantity")
MEASURE = Words("Đơn vị tính", "Measure")
ARRIVED = Words("Đã đến", "Arrived")
OUTSTANDING = Words("Còn lại", "Still to come")
STATUS = Words("Trạng thái", "Status")
CODE = Words("Mã tra cứu trên phiếu", "Code on the receipt")
NUMBER = Words("Phiếu số", "Receipt number")
WHAT_BECAME = Words("Đã đến đâu", "What became of it")
