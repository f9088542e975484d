using DropoutLab.Data.Matlab;
using DropoutLab.Tests.Storage;
using static DropoutLab.Tests.Data.Matlab.MatlabBytes;

namespace DropoutLab.Tests.Data.Matlab;

public sealed class MatlabFileTests : IDisposable
{
    private const int Megabyte = 1 << 20;

    private static readonly double[] Values = [0, 1, 2, 100, 126, 127];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(MiInt8)]
    [InlineData(MiUInt8)]
    [InlineData(MiInt16)]
    [InlineData(MiUInt16)]
    [InlineData(MiInt32)]
    [InlineData(MiUInt32)]
    [InlineData(MiSingle)]
    [InlineData(MiDouble)]
    [InlineData(MiInt64)]
    [InlineData(MiUInt64)]
    public void ReadsNumbersHoweverTheyAreStored(int type)
    {
        byte[] array = Variable("numbers", [2, 3], type, Values);
        foreach (byte[] stored in new[] { array, Compress(array) })
        {
            MatlabArray found = MatlabFile.Find(Make(FileOf(stored)), "numbers");

            Assert.Equal(("numbers", "2 x 3"), (found.Name, found.Shape));
            Assert.Equal(Values, Read(found, blockLength: 6));
            Assert.Equal(Values, Read(found, blockLength: 2));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void ReadsValuesWithinATag(int count)
    {
        double[] values = [.. Enumerable.Range(250, count).Select(value => (double)value)];
        byte[] array = Variable("v", [count, 1], MiUInt8, values);

        Assert.Equal(values, Read(MatlabFile.Find(Make(FileOf(array)), "v"), blockLength: 1));
        Assert.Equal(values, Read(MatlabFile.Find(Make(FileOf(Compress(array))), "v"), count));
    }

    [Fact]
    public void TakesUnsignedDimensionsAndNamesInUtf8()
    {
        byte[] dimensions = Element(MiUInt32, [3, 0, 0, 0, 1, 0, 0, 0]);
        byte[] array = ArrayOf(Flags(DoubleClass), dimensions, Element(16, [.. "v"u8]), Element(MiUInt8, [4, 5, 6]));

        Assert.Equal([4, 5, 6], Read(MatlabFile.Find(Make(FileOf(array)), "v"), blockLength: 3));
    }

    [Fact]
    public void FindsAnArrayAmongOthersOfAnyKind()
    {
        byte[] wanted = Variable("wanted", [1, 3], MiDouble, [7, 8, 9]);
        byte[][] others =
        [
            Variable("cells", [5, 5], Element(77, [1, 2, 3]), CellClass),
            Compress(Variable("text", [1, 2], Element(17, [65, 0, 66, 0]), CharClass)),
            ArrayOf(Flags(OpaqueClass), Name("elsewhere"), Name("MCOS")),
            Variable("", [1, 8], MiUInt8, new double[8]), // MATLAB's own data of objects have no name
            Variable("complex", [1, 1], Element(MiDouble, new byte[16]), flags: 8),
            Compress(Variable("wanted_too", [1, 3], MiDouble, [1, 2, 3])),
        ];

        for (int place = 0; place <= others.Length; place++)
        {
            string path = Make(FileOf([.. others[..place], wanted, .. others[place..]]));
            Assert.Equal([7, 8, 9], Read(MatlabFile.Find(path, "wanted"), blockLength: 3));
        }

        OneLine.Throws(
            () => MatlabFile.Find(Make(FileOf(others)), "wanted"), "holds no array wanted, but cells, text, , , complex");
        OneLine.Throws(() => MatlabFile.Find(Make(FileOf()), "wanted"), "holds no array wanted, and no other");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AFileThatEndsAnywhereElseThanAtItsEndIsNamed(bool compressed)
    {
        byte[] array = Variable("numbers", [2, 3], MiDouble, Values);
        byte[] whole = FileOf(compressed ? Compress(array) : array);

        for (int length = 0; length < whole.Length; length++)
        {
            string path = Make(whole.AsSpan(0, length));
            OneLine.Throws(() => Read(MatlabFile.Find(path, "numbers"), 6), path);
        }

        Assert.Equal(Values, Read(MatlabFile.Find(Make(whole), "numbers"), 6));
    }

    [Fact]
    public void FilesOfOtherFormatsAreNamed()
    {
        byte[] array = Variable("numbers", [2, 3], MiDouble, Values);
        AssertRefused([], "is no MATLAB file: it has 0 bytes");
        AssertRefused("<html>404 Not Found</html>"u8, "is no MATLAB file: it has 26 bytes");
        AssertRefused(new byte[4096], "is no MATLAB 5 file", "00 01 49 4d");
        AssertRefused([.. Header(0x0200), .. array], "is a MATLAB 7.3 file (HDF5): save it with MATLAB's option -v7");
        AssertRefused([.. Header(endianMark: "MI"), .. array], "is a big-endian MATLAB file");
        AssertRefused([.. Header(0x0300), .. array], "is no MATLAB 5 file");
        AssertRefused([.. Header(), .. Tag(MiDouble, 8), .. new byte[8]], "what begins at byte 128 is no array (type 9)");
        AssertRefused(FileOf(Compress(Element(MiDouble, new byte[8]))), "what is compressed at byte 136 is no array (type 9)");
        OneLine.Throws(
            () => MatlabFile.Find(folder["nowhere.mat"], "numbers"), "nowhere.mat cannot be read: there is no such file");
        OneLine.Throws(() => MatlabFile.Find(folder.Root, "numbers"), "it is a folder");
    }

    [Theory]
    [InlineData(CellClass, 0, "as a Cell array")]
    [InlineData(CharClass, 0, "as a Char array")]
    [InlineData(SparseClass, 0, "as a Sparse array")]
    [InlineData(DoubleClass, 8, "as a complex array")]
    [InlineData(99, 0, "as a 99 array")]
    public void AnArrayOfAnotherKindIsNamed(int arrayClass, int flags, string kind) =>
        AssertRefused(
            FileOf(Variable("numbers", [2, 3], Element(MiDouble, new byte[48]), arrayClass, flags)),
            $"has numbers {kind}: a real, full array of numbers is needed");

    [Fact]
    public void LengthsThatLieAreNamed()
    {
        byte[] values = Element(MiDouble, new byte[48]);
        AssertRefused([.. Header(), .. Tag(14, uint.MaxValue), .. new byte[64]],
            "at byte 128 promises 4294967295 bytes, the file has 64 left");
        AssertRefused([.. Header(), .. Tag(15, 65), .. new byte[64]], "at byte 128 promises 65 bytes, the file has 64 left");
        AssertRefused(FileOf(ArrayOf()), "ends before an array's flags");
        AssertRefused(FileOf(ArrayOf(Flags(DoubleClass))), "ends before an array's dimensions");
        AssertRefused(FileOf(ArrayOf(Flags(DoubleClass), Dimensions(2, 3))), "ends before an array's name");
        AssertRefused(FileOf(Variable("numbers", [2, 3], values: [])), "ends before the values of numbers");
        AssertRefused(FileOf(ArrayOf(Tag(MiUInt32, uint.MaxValue))), "flags promises 4294967295 bytes, its array has 0 left");
        AssertRefused(FileOf(ArrayOf(Tag(MiUInt32 | (8 << 16), 0), new byte[8])), "flags promises 8 bytes, its array has 4 left");
        byte[] small = Variable("numbers", [2, 2], MiUInt8, Values[..4]);
        BitConverter.TryWriteBytes(small.AsSpan(4), small.Length - 8 - 4);
        AssertRefused(FileOf(Compress(small)), "numbers promises 4 bytes, its array has 0 left");
        AssertRefused(FileOf(small), "numbers promises 4 bytes, its array has 0 left");
        AssertRefused(FileOf(ArrayOf(Element(MiUInt32, new byte[16]))), "flags cannot be 16 bytes of type 6");
        AssertRefused(FileOf(ArrayOf(Flags(DoubleClass), Dimensions(2))), "dimensions cannot be 4 bytes of type 5");
        AssertRefused(FileOf(ArrayOf(Flags(DoubleClass), Element(MiInt32, new byte[10]))), "dimensions cannot be 10 bytes");
        AssertRefused(FileOf(ArrayOf(Flags(DoubleClass), Dimensions(new int[33]))), "dimensions cannot be 132 bytes of type 5");
        AssertRefused(
            FileOf(ArrayOf(Flags(DoubleClass), Element(MiDouble, new byte[16]))), "dimensions cannot be 16 bytes of type 9");
        AssertRefused(FileOf(Variable(new string('n', 64), [2, 3], values)), "name cannot be 64 bytes of type 1");
        AssertRefused(FileOf(Variable("two\nlines", [2, 3], values)), "name has other characters");
        AssertRefused(FileOf(Variable("numbers", [2, 3], Element(MiDouble, new byte[48], promised: 56))),
            "numbers promises 56 bytes, its array has 48 left");
        AssertRefused(FileOf(Variable("numbers", [2, 3], Element(MiDouble, new byte[48], promised: 40))),
            "numbers has 40 bytes of values, 2 x 3 of 8 bytes are 48");
        AssertRefused(
            FileOf(Variable("numbers", [2, 3], [.. values, .. new byte[8]])), "numbers goes on for 8 bytes after its values");
        AssertRefused(FileOf(Variable("numbers", [2, 3], Element(14, new byte[48]))),
            "values of numbers are of type 14, which is none of numbers");
    }

    [Theory]
    [InlineData(2, 4)]
    [InlineData(1 << 16, 1 << 16)] // 2^32 · 8 is 0 in 32 bits
    [InlineData(int.MaxValue, int.MaxValue, int.MaxValue, 8)]
    [InlineData(-2, -3)]
    [InlineData(0, 6)]
    [InlineData(int.MinValue, 6)]
    public void DimensionsThatDoNotFitAreNamed(params int[] dimensions)
    {
        byte[] array = Variable("numbers", dimensions, Element(MiDouble, new byte[48]));

        AssertRefused(FileOf(array), "numbers", string.Join(" x ", dimensions));
        AssertRefused(FileOf(Compress(array)), "numbers", string.Join(" x ", dimensions));
    }

    [Theory]
    [InlineData(-1.0, "-1")]
    [InlineData(256.0, "256")]
    [InlineData(0.5, "0.5")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    public void AValueThatIsNoByteIsNamed(double value, string text)
    {
        string path = Make(FileOf(Variable("numbers", [2, 3], MiDouble, [0, 1, 2, 3, value, 5])));

        OneLine.Throws(() => Read(MatlabFile.Find(path, "numbers"), 2), $"{path} has {text} as value 4 of numbers", "0 to 255");
    }

    [Fact]
    public void WhatIsCompressedMustBeWholeAndNothingElse()
    {
        byte[] array = Variable("numbers", [2, 3], MiDouble, Values);
        byte[] compressed = Compress(array);
        byte[] badSum = [.. compressed];
        badSum[^1] ^= 1;
        byte[] badHead = [.. compressed];
        badHead[8] ^= 1;

        AssertRefused(FileOf(badSum), "is damaged: what is compressed in it cannot be expanded");
        AssertRefused(FileOf(badHead), "is damaged: what is compressed in it cannot be expanded");
        AssertRefused(FileOf(Compress(array[..^8])), "is damaged: an array in it ends early");
        AssertRefused(FileOf(Compress([.. array, 0])), "is damaged: what is compressed goes on after numbers");
        AssertRefused(FileOf(Compress([])), "is damaged: an array in it ends early");
    }

    /// <summary>Zeros without end, behind arrays that lie about them in every way.</summary>
    [Fact]
    public void WhatExpandsWithoutEndIsNotExpanded()
    {
        const long Zeros = 100 * Megabyte;
        byte[] array = Variable("numbers", [2, 3], MiDouble, Values);
        byte[] start = [.. Flags(DoubleClass), .. Dimensions(2, 3), .. Name("numbers")];
        byte[] Within(params byte[] first) => Bomb([.. Tag(14, (uint)(first.Length + Zeros)), .. first], Zeros);

        AssertRefusedCheaply(Bomb(array, 1100L * Megabyte), "goes on after numbers");
        AssertRefusedCheaply(
            Within([.. start, .. Tag(MiDouble, (uint)Zeros)]), "numbers has 104857600 bytes of values, 2 x 3 of 8 bytes are 48");
        AssertRefusedCheaply(Within([.. start, .. Tag(MiDouble, 48)]), "numbers goes on for");
        AssertRefusedCheaply(
            Within([.. Flags(DoubleClass), .. Dimensions(2, 3), .. Tag(MiInt8, (uint)Zeros)]), "name cannot be 104857600 bytes");
        AssertRefusedCheaply(
            Within([.. Flags(DoubleClass), .. Tag(MiInt32, (uint)Zeros)]), "dimensions cannot be 104857600 bytes");
        AssertRefusedCheaply(Within(Tag(MiUInt32, (uint)Zeros)), "flags cannot be 104857600 bytes");
        AssertRefusedCheaply(
            Within([.. Flags(DoubleClass), .. Dimensions(2, 3), .. Name("other")]), "holds no array numbers, but other");
        AssertRefusedCheaply(Bomb([], Zeros), "is no array (type 0)");
    }

    [Fact]
    public void WhatCannotBeCompressedInSoFewBytesIsNotAllocatedFor()
    {
        byte[] start = [.. Flags(UInt8Class), .. Dimensions(1 << 15, 1 << 15), .. Name("numbers"), .. Tag(MiUInt8, 1 << 30)];
        AssertRefusedCheaply(
            Bomb([.. Tag(14, (uint)(start.Length + (1 << 30))), .. start], Megabyte), "promises 1073741880 bytes",
            "cannot hold them");
    }

    private static double[] Read(MatlabArray array, int blockLength)
    {
        List<double> values = [];
        array.ReadBytes(blockLength, (block, bytes) =>
        {
            Assert.Equal(values.Count, block * blockLength);
            foreach (byte value in bytes)
                values.Add(value);
        });
        return [.. values];
    }

    private string Make(ReadOnlySpan<byte> bytes) => folder.Make("numbers.mat", bytes);

    private void AssertRefused(ReadOnlySpan<byte> file, params string[] reasons)
    {
        string path = Make(file);
        OneLine.Throws(() => Read(MatlabFile.Find(path, "numbers"), 6), [path, .. reasons]);
    }

    private void AssertRefusedCheaply(byte[] element, params string[] reasons)
    {
        Assert.InRange(element.Length, 0, 2 * Megabyte);
        string path = Make(FileOf(element));
        long before = GC.GetAllocatedBytesForCurrentThread();
        OneLine.Throws(() => Read(MatlabFile.Find(path, "numbers"), 6), [path, .. reasons]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Megabyte);
    }
}
