namespace DropoutLab.Data.Matlab;

/// <summary>What the bytes of a data element are, with the format's own numbers.</summary>
internal enum MatlabDataType
{
    Int8 = 1,
    UInt8 = 2,
    Int16 = 3,
    UInt16 = 4,
    Int32 = 5,
    UInt32 = 6,
    Single = 7,
    Double = 9,
    Int64 = 12,
    UInt64 = 13,
    Matrix = 14,
    Compressed = 15,
    Utf8 = 16,
}
