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

/// <summary>Sizes and .NET types of <see cref="StoredType"/>.</summary>
internal static class StoredTypes
{
    public static int SizeInBytes(this StoredType type) => type switch
    {
        StoredType.F64 or StoredType.I64 => 8,
        StoredType.F32 or StoredType.I32 => 4,
        StoredType.F16 or StoredType.BF16 => 2,
        StoredType.U8 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a stored type"),
    };

    public static StoredType Of<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? StoredType.F32
        : typeof(T) == typeof(double) ? StoredType.F64
        : typeof(T) == typeof(Half) ? StoredType.F16
        : typeof(T) == typeof(ushort) ? StoredType.BF16
        : typeof(T) == typeof(int) ? StoredType.I32
        : typeof(T) == typeof(long) ? StoredType.I64
        : typeof(T) == typeof(byte) ? StoredType.U8
        : throw new NotSupportedException(
            $"arrays of {typeof(T).Name} cannot be stored: float, double, Half, ushort (bfloat16 bits), int, long or byte can");
}
