namespace DropoutLab.Storage;

/// <summary>The element types of stored arrays; the names are the safetensors format's own.</summary>
public enum StoredType
{
    /// <summary>IEEE 754 binary32.</summary>
    F32,

    /// <summary>IEEE 754 binary64.</summary>
    F64,

    /// <summary>IEEE 754 binary16.</summary>
    F16,

    /// <summary>bfloat16: the upper half of a binary32, held as its 16 bits in a <see cref="ushort"/>.</summary>
    BF16,

    /// <summary>32-bit signed integer.</summary>
    I32,

    /// <summary>64-bit signed integer.</summary>
    I64,

    /// <summary>Byte.</summary>
    U8,
}
