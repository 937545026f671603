@_exported public import PEFTAutograd
@_exported public import PEFTFormats
@_exported public import PEFTInference
@_exported public import PEFTMethods
@_exported public import PEFTModels
@_exported public import PEFTTensor
@_exported public import PEFTTokenizers
@_exported public import PEFTTraining
