import PEFTInference
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTokenizers
import TestModels
import Testing
