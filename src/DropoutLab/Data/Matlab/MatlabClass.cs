namespace DropoutLab.Data.Matlab;

/// <summary>What an array is in MATLAB, with the format's own numbers.</summary>
/// <remarks>The numbers can be stored as another type than the class: MATLAB picks the smallest that holds them.</remarks>
internal enum MatlabClass
{
    Cell = 1,
    Struct = 2,
    Object = 3,
    Char = 4,
    Sparse = 5,
    Double = 6,
    Single = 7,
    Int8 = 8,
    UInt8 = 9,
    Int16 = 10,
    UInt16 = 11,
    Int32 = 12,
    UInt32 = 13,
    Int64 = 14,
    UInt64 = 15,
    Function = 16,
    Opaque = 17,
}
