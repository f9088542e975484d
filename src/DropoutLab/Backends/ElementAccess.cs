using System.Numerics.Tensors;
using DropoutLab.Dropout;
using DropoutLab.Graph;

namespace DropoutLab.Backends;

/// <summary>How an element lies in memory.</summary>
internal enum ElementFormat
{
    Float32,
    Float64,
    BFloat16,
    Bit,
    Byte,
    Int32,
}

/// <summary>The elements of buffers as numbers: for the ends of a plan, not for kernels.</summary>
internal static unsafe class ElementAccess
{
    public static ElementFormat FormatOf(ElementKind kind, Precision precision) => kind switch
    {
        ElementKind.Bit => ElementFormat.Bit,
        ElementKind.Index => ElementFormat.Byte,
        ElementKind.Label => ElementFormat.Int32,
        ElementKind.Accumulator => precision == Precision.Float64 ? ElementFormat.Float64 : ElementFormat.Float32,
        ElementKind.Activation => precision switch
        {
            Precision.Float32 => ElementFormat.Float32,
            Precision.Float64 => ElementFormat.Float64,
            Precision.BFloat16 => ElementFormat.BFloat16,
            _ => throw Precisions.Unknown(precision),
        },
        _ => throw Unknown(kind),
    };

    /// <summary>The bytes of a value: dense, but for masks, whose every datum begins with a new 64-bit word.</summary>
    public static long ByteSize(ElementKind kind, Shape shape, Precision precision) => kind switch
    {
        ElementKind.Bit => (long)shape[0] * MaskKernels.WordsPerRow(shape.CountPerDatum) * sizeof(ulong),
        ElementKind.Index => shape.Count,
        ElementKind.Label => shape.Count * (long)sizeof(int),
        ElementKind.Accumulator => shape.Count * (long)precision.AccumulatorBytes(),
        ElementKind.Activation => shape.Count * (long)precision.ActivationBytes(),
        _ => throw Unknown(kind),
    };

    /// <summary>Copies all elements of a value, converted.</summary>
    public static void Read(PlanBuffer buffer, ElementFormat format, Shape shape, Span<double> to)
    {
        switch (format)
        {
            case ElementFormat.Float32:
                TensorPrimitives.ConvertTruncating(new ReadOnlySpan<float>((void*)buffer.Address, to.Length), to);
                break;
            case ElementFormat.Float64:
                new ReadOnlySpan<double>((void*)buffer.Address, to.Length).CopyTo(to);
                break;
            default:
                for (int i = 0; i < to.Length; i++)
                    to[i] = Load(buffer, format, i, shape);
                break;
        }
    }

    /// <inheritdoc cref="Read(PlanBuffer, ElementFormat, Shape, Span{double})"/>
    public static void Read(PlanBuffer buffer, ElementFormat format, Shape shape, Span<float> to)
    {
        switch (format)
        {
            case ElementFormat.Float32:
                new ReadOnlySpan<float>((void*)buffer.Address, to.Length).CopyTo(to);
                break;
            case ElementFormat.Float64:
                TensorPrimitives.ConvertTruncating(new ReadOnlySpan<double>((void*)buffer.Address, to.Length), to);
                break;
            default:
                for (int i = 0; i < to.Length; i++)
                    to[i] = (float)Load(buffer, format, i, shape);
                break;
        }
    }

    /// <summary>Sets elements of an activation or an accumulator from number <paramref name="first"/> on, rounded.</summary>
    public static void Write(PlanBuffer buffer, ElementFormat format, long first, ReadOnlySpan<float> from)
    {
        switch (format)
        {
            case ElementFormat.Float32:
                from.CopyTo(new Span<float>((float*)buffer.Address + first, from.Length));
                break;
            case ElementFormat.Float64:
                TensorPrimitives.ConvertTruncating(from, new Span<double>((double*)buffer.Address + first, from.Length));
                break;
            case ElementFormat.BFloat16:
                for (int i = 0; i < from.Length; i++)
                    ((ushort*)buffer.Address)[first + i] = BFloat16.FromSingle(from[i]);
                break;
            default:
                throw new ArgumentException($"{format} is not an activation", nameof(format));
        }
    }

    /// <inheritdoc cref="Write(PlanBuffer, ElementFormat, long, ReadOnlySpan{float})"/>
    public static void Write(PlanBuffer buffer, ElementFormat format, long first, ReadOnlySpan<double> from)
    {
        switch (format)
        {
            case ElementFormat.Float32:
                TensorPrimitives.ConvertTruncating(from, new Span<float>((float*)buffer.Address + first, from.Length));
                break;
            case ElementFormat.Float64:
                from.CopyTo(new Span<double>((double*)buffer.Address + first, from.Length));
                break;
            case ElementFormat.BFloat16:
                for (int i = 0; i < from.Length; i++)
                    ((ushort*)buffer.Address)[first + i] = BFloat16.FromSingle((float)from[i]);
                break;
            default:
                throw new ArgumentException($"{format} is not an activation", nameof(format));
        }
    }

    public static double Load(PlanBuffer buffer, ElementFormat format, int index, Shape shape) => format switch
    {
        ElementFormat.Float32 => ((float*)buffer.Address)[index],
        ElementFormat.Float64 => ((double*)buffer.Address)[index],
        ElementFormat.BFloat16 => BFloat16.ToSingle(((ushort*)buffer.Address)[index]),
        ElementFormat.Byte => ((byte*)buffer.Address)[index],
        ElementFormat.Int32 => ((int*)buffer.Address)[index],
        ElementFormat.Bit => Bit(
            buffer, index / shape.CountPerDatum, index % shape.CountPerDatum, MaskKernels.WordsPerRow(shape.CountPerDatum)),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "no such format"),
    };

    private static ArgumentOutOfRangeException Unknown(ElementKind kind) => new(nameof(kind), kind, "no such kind of elements");

    private static double Bit(PlanBuffer buffer, int datum, int feature, int words) =>
        (((ulong*)buffer.Address)[(long)datum * words + feature / 64] >> (feature % 64)) & 1;
}
