import PEFTKit

print("PEFTKit is linked")
