using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using DropoutLab.Storage;

namespace DropoutLab.Tests.Storage;

public sealed class SafetensorsFileTests : IDisposable
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheBytesAreTheFormats()
    {
        SafetensorsFile.Write(
            folder["a"],
            [
                NamedArray.Create("b", [2], [1, -1]),
                NamedArray.Create<float>("a", [1, 1], [1.5f]),
                NamedArray.Create<double>("z", [], [-2.0]),
            ],
            new Dictionary<string, string> { ["step"] = "7", ["model"] = "mlp" });

        string json = $$$"""
            {"__metadata__":{"model":"mlp","sha256":"{{{new string('0', 64)}}}","step":"7"},
            "z":{"dtype":"F64","shape":[],"data_offsets":[0,8]},
            "a":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]},
            "b":{"dtype":"I32","shape":[2],"data_offsets":[12,20]}}
            """.ReplaceLineEndings("");
        json = json.PadRight((json.Length + 7) / 8 * 8);
        byte[] expected =
        [
            .. BitConverter.GetBytes((long)json.Length), .. Encoding.UTF8.GetBytes(json),
            0, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0xC0, 0x3F, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,
        ];
        string checksum = Convert.ToHexStringLower(SHA256.HashData(expected));
        Encoding.ASCII.GetBytes(checksum).CopyTo(expected, expected.AsSpan().IndexOf("0000000000"u8));
        Assert.Equal(expected, File.ReadAllBytes(folder["a"]));
    }

    [Fact]
    public void WhatIsWrittenIsRead()
    {
        Dictionary<string, string> metadata =
            new Dictionary<string, string> { ["config"] = "{\"a\": \"é\n\"}", ["\"sha256\":"] = new('0', 64) };
        SafetensorsFile.Write(
            folder["a"],
            [
                NamedArray.Create<float>("conv1.weight", [2, 1, 2], [1f, float.NaN, -0f, float.Epsilon]),
                NamedArray.Create<double>("loss", [], [Math.PI]),
                NamedArray.Create<ushort>("bfloat16", [3], [0x3F80, 0xFFFF, 1]),
                NamedArray.Create("int", [1], [int.MinValue]),
                NamedArray.Create("long", [2], [long.MaxValue, -1]),
                NamedArray.Create<byte>("bytes \"ü\"", [3], [0, 128, 255]),
                NamedArray.Create<float>("empty", [0, 3], []),
            ],
            metadata);

        SafetensorsFile file = SafetensorsFile.Read(folder["a"]);

        Assert.Equal(
            [0x3F800000, BitConverter.SingleToUInt32Bits(float.NaN), 0x80000000, 1],
            file.Values<float>("conv1.weight", [2, 1, 2]).ToArray().Select(BitConverter.SingleToUInt32Bits));
        Assert.Equal([Math.PI], file.Values<double>("loss", []).ToArray());
        Assert.Equal<ushort>([0x3F80, 0xFFFF, 1], file.Values<ushort>("bfloat16", [3]).ToArray());
        Assert.Equal([int.MinValue], file.Values<int>("int", [1]).ToArray());
        Assert.Equal([long.MaxValue, -1], file.Values<long>("long", [2]).ToArray());
        Assert.Equal([0, 128, 255], file.Values<byte>("bytes \"ü\"", [3]).ToArray());
        Assert.Empty(file.Values<float>("empty", [0, 3]).ToArray());
        Assert.Equal(
            ["long", "loss", "conv1.weight", "empty", "int", "bfloat16", "bytes \"ü\""],
            file.Arrays.Select(array => array.Name));
        Assert.Equal(metadata, file.Metadata);
        Assert.True(file.HasChecksum);
    }

    /// <summary>Above 2 GB a file or array is more than an array of bytes holds; here pieces are small instead.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(40)]
    public void PiecesMakeNoDifference(int pieceBytes)
    {
        NamedArray[] arrays =
        [
            NamedArray.Create<double>("z", [5], [1, 2, 3, 4, 5]),
            NamedArray.Create<float>("a", [3, 1], [1.5f, -2, 3]),
            NamedArray.Create<float>("empty", [0], []),
            NamedArray.Create<byte>("bytes", [7], [1, 2, 3, 4, 5, 6, 7]),
        ];
        SafetensorsFile.Write(folder["whole"], arrays, NoMetadata);
        SafetensorsFile.Write(folder["pieces"], arrays, NoMetadata, pieceBytes);
        Assert.Equal(File.ReadAllBytes(folder["whole"]), File.ReadAllBytes(folder["pieces"]));

        SafetensorsFile file = SafetensorsFile.Read(folder["whole"], pieceBytes);
        Assert.Equal([1.0, 2, 3, 4, 5], file.Values<double>("z", [5]).ToArray());
        Assert.Equal([1.5f, -2, 3], file.Values<float>("a", [3, 1]).ToArray());
        Assert.Equal<byte>([1, 2, 3, 4, 5, 6, 7], file.Values<byte>("bytes", [7]).ToArray());
        byte[] damaged = File.ReadAllBytes(folder["whole"]);
        damaged[^1] ^= 1;
        OneLine.Throws(
            () => SafetensorsFile.Read(folder.Make("damaged", damaged), pieceBytes), "does not match its SHA-256 checksum");
    }

    /// <summary>A file of holes, which takes no room on the disk, though 2 GB of memory for a moment.</summary>
    [Fact]
    public void AnArrayAboveTwoGigabytesIsRead()
    {
        const int Count = 537_000_000;
        string path = Make($$$"""{"w":{"dtype":"F32","shape":[{{{Count}}}],"data_offsets":[0,{{{4L * Count}}}]}}""", []);
        using (FileStream stream = new(path, FileMode.Append))
            stream.SetLength(stream.Length + 4L * Count);
        Assert.True(new FileInfo(path).Length > int.MaxValue);

        OneLine.Throws(
            () => SafetensorsFile.Read(path).Values<float>("w", [1]), $"holds 'w' as F32 [{Count}], F32 [1] is needed");
        Assert.Empty(SafetensorsFile.ReadMetadata(path));
    }

    /// <summary>A network of very many layers, or classes of long names.</summary>
    [Fact]
    public void AHeadOfSeveralMegabytesIsRead()
    {
        Dictionary<string, string> metadata = new() { ["long"] = new('x', 3 << 20), ["epoch"] = "4" };
        SafetensorsFile.Write(folder["a"], [NamedArray.Create<float>("w", [1], [2])], metadata);

        Assert.Equal(metadata, SafetensorsFile.ReadMetadata(folder["a"]));
        Assert.Equal(metadata, SafetensorsFile.Read(folder["a"]).Metadata);
    }

    [Fact]
    public void WhatCouldNotBeReadIsNotWritten()
    {
        NamedArray[] half = [NamedArray.Create<float>("half \ud800", [1], [1])];
        OneLine.Throws(() => SafetensorsFile.Write(folder["a"], half, NoMetadata), "half a character");
        Dictionary<string, string> other = new() { ["k"] = "\udc00" };
        OneLine.Throws(() => SafetensorsFile.Write(folder["a"], [], other), "half a character");
        OneLine.Throws(
            () => SafetensorsFile.Write(folder["a"], [], new Dictionary<string, string> { ["k"] = new('x', 100_000_000) }),
            "a safetensors file has room for 100000000");
        Assert.Empty(folder.Files());
    }

    [Fact]
    public void EqualInputGivesEqualBytesInWhateverOrder()
    {
        NamedArray[] arrays =
        [
            NamedArray.Create<float>("b", [1], [1]),
            NamedArray.Create<float>("a", [1], [2]),
            NamedArray.Create<double>("c", [1], [3]),
        ];
        SafetensorsFile.Write(folder["a"], arrays, new Dictionary<string, string> { ["x"] = "1", ["y"] = "2" });
        SafetensorsFile.Write(folder["b"], [.. arrays.Reverse()], new Dictionary<string, string> { ["y"] = "2", ["x"] = "1" });

        Assert.Equal(File.ReadAllBytes(folder["a"]), File.ReadAllBytes(folder["b"]));
    }

    [Fact]
    public void TheDataBeginAtAMultipleOfEightBytes()
    {
        for (int length = 0; length < 9; length++)
        {
            Dictionary<string, string> metadata = new Dictionary<string, string> { ["k"] = new('v', length) };
            SafetensorsFile.Write(folder["a"], [NamedArray.Create<byte>("x", [1], [1])], metadata);
            Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(folder["a"])) % 8);
        }
    }

    [Fact]
    public void EveryFlippedBitIsFound()
    {
        byte[] whole = SmallFile();
        int key = Encoding.UTF8.GetString(whole).IndexOf("sha256", StringComparison.Ordinal);
        for (int bit = 0; bit < 8 * whole.Length; bit++)
        {
            byte[] damaged = [.. whole];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            folder.Make("damaged", damaged);
            bool isInKey = (bit / 8) - key is >= 0 and < 6;
            if (!isInKey || Record.Exception(() => SafetensorsFile.Read(folder["damaged"])) is not null)
                OneLine.Throws(() => SafetensorsFile.Read(folder["damaged"]), $"{folder["damaged"]} is damaged");
            else // another name for the checksum: one that is asked for is missing
                Assert.False(SafetensorsFile.Read(folder["damaged"]).HasChecksum);
        }
    }

    [Fact]
    public void EveryTruncationAndEveryExtensionIsFound()
    {
        byte[] whole = SmallFile();
        for (int length = 0; length < whole.Length; length++)
        {
            folder.Make("truncated", whole.AsSpan(0, length));
            OneLine.Throws(() => SafetensorsFile.Read(folder["truncated"]), folder["truncated"]);
        }

        folder.Make("extended", [.. whole, 0]);
        OneLine.Throws(
            () => SafetensorsFile.Read(folder["extended"]), folder["extended"], "its arrays take 9 bytes, the file has 10");
    }

    [Fact]
    public void FilesOfOtherProgramsAreRead()
    {
        const string Header = """
            { "w" : { "shape":[2], "dtype":"BF16", "data_offsets":[4,8] },
              "v":{"dtype":"F32","shape":[1],"data_offsets":[0,4]} }
            """;
        string path = Make(Header, [0, 0, 128, 63, 1, 2, 3, 4]);

        SafetensorsFile file = SafetensorsFile.Read(path);

        Assert.Equal([1f], file.Values<float>("v", [1]).ToArray());
        Assert.Equal<ushort>([0x0201, 0x0403], file.Values<ushort>("w", [2]).ToArray());
        Assert.Empty(file.Metadata);
        Assert.False(file.HasChecksum);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("[]", "Array, Object is needed")]
    [InlineData("{", "")]
    [InlineData("""{"a":1}""", "'a' is JSON of the kind Number")]
    [InlineData("""{"a":{"shape":[4],"data_offsets":[0,4]}}""", "'a' has no dtype")]
    [InlineData("""{"a":{"dtype":"U8","data_offsets":[0,4]}}""", "'a' has no shape")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4]}}""", "'a' has no data_offsets")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}""",
        "dtype F8_E4M3, readable are F32, F64, F16, BF16")]
    [InlineData("""{"a":{"dtype":"0","shape":[1],"data_offsets":[0,4]}}""", "dtype 0")]
    [InlineData("""{"a":{"dtype":5,"shape":[1],"data_offsets":[0,4]}}""", "the dtype of 'a'")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}""", "'a' lists -4")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4.5],"data_offsets":[0,4]}}""", "'a' lists 4.5")]
    [InlineData("""{"a":{"dtype":"U8","shape":["4"],"data_offsets":[0,4]}}""", "'a' lists \"4\"")]
    [InlineData("""{"a":{"dtype":"U8","shape":4,"data_offsets":[0,4]}}""", "Number, Array is needed")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0]}}""", "'a' has 1 data offsets")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}""", "its offsets are 4 to 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "'a' is F32 [2] and needs 8 bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}""", "take 8 bytes, the file has 4")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "take 3 bytes, the file has 4")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""", "'a' begin at 1")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""",
        "'b' begin at 2")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""",
        "begin at 0")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,4]}}""", "too large")]
    [InlineData("""{"a":{"dtype":"I64","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,4]}}""", "too large")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}""", "'a'")]
    [InlineData("""{"\ud800":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "")]
    [InlineData("""{"__metadata__":"x","a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "__metadata__")]
    [InlineData("""{"__metadata__":{"k":1},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "__metadata__")]
    [InlineData("""{"__metadata__":{"sha256":""},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "SHA-256")]
    public void MalformedHeadersAreNamed(string header, string reason)
    {
        string path = Make(header, [1, 2, 3, 4]);

        OneLine.Throws(() => SafetensorsFile.Read(path), $"{path} is damaged or no safetensors file", reason);
    }

    [Fact]
    public void AHeaderLengthBeyondTheFileIsNamed()
    {
        string path = folder.Make("a", [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, (byte)'{', (byte)'}']);

        OneLine.Throws(() => SafetensorsFile.Read(path), path, "claims 18446744073709551615 bytes, the file has room for 2");
    }

    [Fact]
    public void AMissingFileAndAFolderAreNamed()
    {
        OneLine.Throws(() => SafetensorsFile.Read(folder["none"]), folder["none"], "there is no such file");
        OneLine.Throws(() => SafetensorsFile.Read(folder.Root), folder.Root, "it is a folder");
    }

    [Fact]
    public void AnotherModelsArraysAreNamed()
    {
        SafetensorsFile.Write(folder["a"], [NamedArray.Create<float>("fc1.weight", [2, 1], [1, 2])], NoMetadata);
        SafetensorsFile file = SafetensorsFile.Read(folder["a"]);

        OneLine.Throws(() => file.Values<float>("conv1.weight", [1]), folder["a"], "no array 'conv1.weight'", "fc1.weight");
        OneLine.Throws(() => file.Values<float>("fc1.weight", [1, 2]), folder["a"], "F32 [2, 1], F32 [1, 2] is needed");
        OneLine.Throws(() => file.Values<int>("fc1.weight", [2, 1]), folder["a"], "F32 [2, 1], I32 [2, 1] is needed");
        OneLine.Throws(() => file.Arrays[0].Values<double>(), "'fc1.weight' holds F32, F64 is needed");
    }

    [Fact]
    public void MisuseIsRefusedBeforeAnythingIsWritten()
    {
        NamedArray array = NamedArray.Create<float>("a", [1], [1]);

        Assert.Throws<ArgumentException>(() => NamedArray.Create<float>("a", [2], [1]));
        Assert.Throws<ArgumentException>(() => NamedArray.Create<float>("a", [-1, -1], [1]));
        Assert.Throws<NotSupportedException>(() => NamedArray.Create<char>("a", [1], ['x']));
        AssertRefused([array, array], NoMetadata);
        AssertRefused([NamedArray.Create<float>("__metadata__", [0], [])], NoMetadata);
        AssertRefused([array], new Dictionary<string, string> { ["sha256"] = "" });
        Assert.Empty(folder.Files());
    }

    [Fact]
    public void AMissingFolderIsNamed() => OneLine.Throws(
        () => SafetensorsFile.Write(folder["none", "a"], [], NoMetadata), folder["none", "a"], "its folder does not exist");

    private void AssertRefused(NamedArray[] arrays, Dictionary<string, string> metadata) =>
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(folder["a"], arrays, metadata));

    private byte[] SmallFile()
    {
        SafetensorsFile.Write(
            folder["small"],
            [NamedArray.Create<float>("w", [2], [1, 2]), NamedArray.Create<byte>("b", [1], [3])],
            new Dictionary<string, string> { ["step"] = "100" });
        return File.ReadAllBytes(folder["small"]);
    }

    private string Make(string header, byte[] data) =>
        folder.Make("made", [.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header), .. data]);
}
