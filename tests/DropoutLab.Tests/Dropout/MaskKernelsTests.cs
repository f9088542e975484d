using DropoutLab.Dropout;
using DropoutLab.Random;

namespace DropoutLab.Tests.Dropout;

public sealed unsafe class MaskKernelsTests
{
    private const ulong Guard = 0xA5A5_A5A5_A5A5_A5A5;

    private delegate void DrawRow(in MaskStream stream, uint datum, ulong* bits, int features);

    private delegate void DrawGroups(in MaskStream stream, uint datum, int firstGroup, ulong* bits, int words);

    private static readonly (string Name, DrawRow Draw)[] Variants =
    [
        ("chosen", MaskKernels.DrawRow),
        ("512 bits", InTwoCalls(MaskKernels.Draw<PhiloxLanes512>)),
        ("256 bits", InTwoCalls(MaskKernels.Draw<PhiloxLanes256>)),
    ];

    public static TheoryData<double> Ratios =>
        [0, 0.5, 0.75, 1 / 16.0, 15 / 16.0, 1 / 32.0, 0.1, 0.3, 0.005, 1e-4, 1e-6, 1.0 / (1L << 32), 1.0 / (1 << 17), 0.99999,
            Math.BitDecrement(1.0)];

    /// <summary>Of rows: parts of words and groups, whole ones, several.</summary>
    private static IEnumerable<int> Lengths =>
        [.. Enumerable.Range(1, 200), 255, 256, 257, 300, 319, 320, 321, 448, 511, 512, 513, 577, 768, 769];

    [Theory, MemberData(nameof(Ratios))]
    public void DrawnBitsAreTheDefinition(double dropProbability)
    {
        foreach (int features in Lengths)
        {
            MaskStream stream = new((ulong)features, layer: features, which: 1, step: 3, dropProbability);
            uint datum = (uint)(17 * features);
            ulong[] expected = Definition(stream, datum, features);
            foreach ((string name, DrawRow draw) in Variants)
                AssertBits(expected, Drawn(draw, stream, datum, features), $"{name}, {features} features");
        }
    }

    /// <summary>
    /// A threshold that is a feature's number, or differs from it in one digit, needs the digits down to that one.
    /// </summary>
    [Fact]
    public void EveryDigitCounts()
    {
        const int Features = 300;
        for (int feature = 0; feature < Features; feature++)
        {
            uint number = new MaskStream(11, layer: 0, which: 0, step: 0, 0.5).Number(datum: 4, feature);
            foreach (uint threshold in Enumerable.Range(0, 32).Select(digit => number ^ 1u << digit).Append(number)
                .Append(number + 1))
            {
                MaskStream stream = new(11, layer: 0, which: 0, step: 0, threshold / 4294967296.0);
                ulong expected = number >= threshold ? 1UL : 0;
                foreach ((string name, DrawRow draw) in Variants)
                    Assert.True(expected == (Drawn(draw, stream, datum: 4, Features)[feature / 64] >> feature % 64 & 1),
                        $"{name}, feature {feature}, {threshold:X8}");
            }
        }
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(1e-4)]
    public void LongRowsAreTheDefinition(double dropProbability)
    {
        const int Features = 1_000_001;
        MaskStream stream = new(11, layer: 0, which: 0, step: 0, dropProbability);
        ulong[] expected = Definition(stream, datum: 0, Features);
        foreach ((string name, DrawRow draw) in Variants)
            AssertBits(expected, Drawn(draw, stream, datum: 0, Features), name);
    }

    [Fact]
    public void TheLastFeaturesThereCanBeAreTheDefinition()
    {
        const int LastGroup = (1 << 23) - 1, Words = MaskKernels.WordsOfGroup;
        MaskStream stream = new(11, layer: 0, which: 0, step: 0, dropProbability: 0.3);
        ulong* bits = stackalloc ulong[Words];
        MaskKernels.DrawGroups(stream, datum: 3, LastGroup, bits, Words);

        for (int i = 0; i < 64 * Words; i++)
            Assert.Equal(stream.Keeps(3, LastGroup * 256 + i), (bits[i / 64] >> i % 64 & 1) == 1);
        Assert.Equal(1 << 25, MaskKernels.WordsPerRow(int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Keeps(3, -1));
    }

    [Fact]
    public void FloatProductsAreSelectedNotMultiplied()
    {
        float[] special = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, 0f, float.Epsilon, float.MaxValue];
        foreach (int features in Lengths)
        {
            MaskStream stream = new(5, layer: 0, which: 0, step: (uint)features, dropProbability: 0.5);
            float[] source = [.. Enumerable.Range(0, features).Select(Value)];
            float scale = (float)stream.Scale;
            uint[] expected = [.. source.Select((x, i) => stream.Keeps(9, i) ? BitConverter.SingleToUInt32Bits(x * scale) : 0)];
            foreach (float[] product in Products<float>(stream, datum: 9, source, MaskKernels.MultiplyRow, DrawMultiplies))
                Assert.Equal(expected, product.Select(BitConverter.SingleToUInt32Bits));
        }

        float Value(int i) => i % 3 == 0 ? special[i / 3 % special.Length] : i - 70.7f;
    }

    [Fact]
    public void BFloat16ProductsAreRoundedToNearestEven()
    {
        ushort[] all = [.. Enumerable.Range(0, 1 << 16).Select(i => (ushort)i)];
        // 1/3 scales by 1.5, which puts half of the products midway between two bfloat16.
        foreach (double dropProbability in (double[])[0, 0.5, 0.3, 0.005, 1 / 3.0])
        {
            MaskStream stream = new(5, layer: 0, which: 0, step: 1, dropProbability);
            float scale = (float)stream.Scale;
            ushort[] expected = [.. all.Select((x, i) => stream.Keeps(9, i) ? Rounded(Single(x) * scale) : (ushort)0)];
            foreach (ushort[] product in Products<ushort>(stream, datum: 9, all, MaskKernels.MultiplyRow, DrawMultiplies16))
                AssertSameBFloat16(expected, product);
        }
    }

    [Fact]
    public void BFloat16RowsMayHaveAnyLength()
    {
        foreach (int features in Lengths)
        {
            MaskStream stream = new(5, layer: 0, which: 0, step: (uint)features, dropProbability: 0.3);
            ushort[] source = [.. Enumerable.Range(0, features).Select(i => (ushort)(0x3F80 + 7 * i))];
            float scale = (float)stream.Scale;
            ushort[] expected = [.. source.Select((x, i) => stream.Keeps(9, i) ? Rounded(Single(x) * scale) : (ushort)0)];
            foreach (ushort[] product in Products<ushort>(stream, datum: 9, source, MaskKernels.MultiplyRow, DrawMultiplies16))
                Assert.Equal(expected, product);
        }
    }

    private delegate void MultiplyRow<TElement>(ulong* bits, TElement* source, TElement* destination, int features, float scale)
        where TElement : unmanaged;

    private delegate void DrawMultiplyRow<TElement>(
        in MaskStream stream, uint datum, ulong* bits, TElement* source, TElement* destination, int features, float scale)
        where TElement : unmanaged;

    private static DrawMultiplyRow<float>[] DrawMultiplies =>
    [
        MaskKernels.DrawMultiplyRow,
        MaskKernels.DrawMultiply<PhiloxLanes512, MaskedFloat, float>,
        MaskKernels.DrawMultiply<PhiloxLanes256, MaskedFloat, float>,
    ];

    private static DrawMultiplyRow<ushort>[] DrawMultiplies16 =>
    [
        MaskKernels.DrawMultiplyRow,
        MaskKernels.DrawMultiply<PhiloxLanes512, MaskedBFloat16, ushort>,
        MaskKernels.DrawMultiply<PhiloxLanes256, MaskedBFloat16, ushort>,
    ];

    /// <summary>The masked row by every way there is, apart and in place, at odd addresses, between guards.</summary>
    private static IEnumerable<TElement[]> Products<TElement>(
        MaskStream stream,
        uint datum,
        TElement[] source,
        MultiplyRow<TElement> multiply,
        DrawMultiplyRow<TElement>[] drawMultiplies)
        where TElement : unmanaged
    {
        int features = source.Length;
        ulong[] bits = Definition(stream, datum, features);
        List<TElement[]> products = [];
        foreach (bool inPlace in (bool[])[false, true])
        {
            products.Add(Guarded(source, inPlace, (from, to) =>
            {
                fixed (ulong* b = bits)
                    multiply(b, (TElement*)from, (TElement*)to, features, (float)stream.Scale);
            }));
            foreach (DrawMultiplyRow<TElement> drawMultiply in drawMultiplies)
            {
                products.Add(Guarded(source, inPlace, (from, to) =>
                {
                    ulong[] drawn = Drawn(DrawAndMultiply, stream, datum, features);
                    AssertBits(bits, drawn, "kept bits");

                    void DrawAndMultiply(in MaskStream s, uint d, ulong* b, int f) =>
                        drawMultiply(s, d, b, (TElement*)from, (TElement*)to, f, (float)s.Scale);
                }));
            }
        }

        return products;
    }

    private static TElement[] Guarded<TElement>(TElement[] source, bool inPlace, Action<nint, nint> work)
        where TElement : unmanaged
    {
        const int Before = 3;
        const int After = 70;
        int bytes = source.Length * sizeof(TElement);
        byte[] from = GuardedCopy(source);
        byte[] to = inPlace ? from : GuardedCopy<TElement>(new TElement[source.Length]);
        fixed (byte* f = from, t = to)
            work((nint)(f + Before * sizeof(TElement)), (nint)(t + Before * sizeof(TElement)));

        Assert.False(to.AsSpan(0, Before * sizeof(TElement)).ContainsAnyExcept((byte)0xA5), "written before the row");
        Assert.False(to.AsSpan(Before * sizeof(TElement) + bytes).ContainsAnyExcept((byte)0xA5), "written beyond the row");
        if (!inPlace)
            Assert.True(from.AsSpan().SequenceEqual(GuardedCopy(source)), "the source was written");
        TElement[] result = new TElement[source.Length];
        Buffer.BlockCopy(to, Before * sizeof(TElement), result, 0, bytes);
        return result;

        static byte[] GuardedCopy<T>(T[] values) where T : unmanaged
        {
            byte[] copy = new byte[(Before + values.Length + After) * sizeof(T)];
            Array.Fill(copy, (byte)0xA5);
            Buffer.BlockCopy(values, 0, copy, Before * sizeof(T), values.Length * sizeof(T));
            return copy;
        }
    }

    /// <summary>A row drawn in two calls, cleared beyond its last feature.</summary>
    private static DrawRow InTwoCalls(DrawGroups draw) => (in MaskStream stream, uint datum, ulong* bits, int features) =>
    {
        int words = MaskKernels.WordsPerRow(features),
            groups = (words + MaskKernels.WordsOfGroup - 1) / MaskKernels.WordsOfGroup / 2;
        int first = groups * MaskKernels.WordsOfGroup;
        draw(stream, datum, 0, bits, first);
        draw(stream, datum, groups, bits + first, words - first);
        if (features % 64 != 0)
            bits[words - 1] &= ulong.MaxValue >> 64 - features % 64;
    };

    private static ulong[] Definition(in MaskStream stream, uint datum, int features)
    {
        ulong[] bits = new ulong[MaskKernels.WordsPerRow(features)];
        for (int feature = 0; feature < features; feature++)
            bits[feature / 64] |= stream.Keeps(datum, feature) ? 1UL << feature % 64 : 0;
        return bits;
    }

    private static ulong[] Drawn(DrawRow draw, in MaskStream stream, uint datum, int features)
    {
        int words = MaskKernels.WordsPerRow(features);
        ulong[] bits = [Guard, .. Enumerable.Repeat(Guard, words), Guard];
        fixed (ulong* start = bits)
            draw(stream, datum, start + 1, features);

        Assert.Equal(Guard, bits[0]);
        Assert.Equal(Guard, bits[^1]);
        return bits[1..^1];
    }

    private static void AssertBits(ulong[] expected, ulong[] actual, string what) =>
        Assert.True(expected.AsSpan().SequenceEqual(actual), $"{what}: the bits differ from the definition's");

    private static float Single(ushort bfloat16) => BitConverter.UInt32BitsToSingle((uint)bfloat16 << 16);

    /// <summary>The nearest bfloat16, the even one of two as near; any NaN becomes 0x7FC0.</summary>
    private static ushort Rounded(float value)
    {
        if (float.IsNaN(value))
            return 0x7FC0;
        uint bits = BitConverter.SingleToUInt32Bits(value);
        ushort below = (ushort)(bits >> 16);
        uint rest = bits & 0xFFFF;
        bool up = rest > 0x8000 || (rest == 0x8000 && below % 2 == 1);
        return up ? (ushort)(below + 1) : below;
    }

    private static void AssertSameBFloat16(ushort[] expected, ushort[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            bool same = expected[i] == actual[i] || (expected[i] == 0x7FC0 && float.IsNaN(Single(actual[i])));
            Assert.True(same, $"element {i}: {actual[i]:X4} instead of {expected[i]:X4}");
        }
    }
}
