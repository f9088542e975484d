using System.Runtime.InteropServices;
using System.Text;
using DropoutLab.Storage;

namespace DropoutLab.Tests.Storage;

public sealed class NpyFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Byte for byte what numpy.save of NumPy 1.24 writes.</summary>
    [Fact]
    public void TheBytesAreNumPys()
    {
        NpyFile.Write(folder["a.npy"], rows: 2, width: 3, [(float[])[0, 1, 2, 3], (float[])[4, 5]]);

        byte[] expected =
        [
            0x93, .. "NUMPY"u8, 1, 0, 118, 0,
            .. Encoding.ASCII.GetBytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".PadRight(117) + "\n"),
            .. MemoryMarshal.AsBytes<float>([0, 1, 2, 3, 4, 5]),
        ];
        Assert.Equal(expected, File.ReadAllBytes(folder["a.npy"]));
    }

    [Fact]
    public void OtherRowsThanAnnouncedLeaveNothing()
    {
        Assert.Throws<ArgumentException>(() => NpyFile.Write(folder["a.npy"], rows: 2, width: 3, [(float[])[0, 1, 2, 3]]));
        Assert.Empty(folder.Files());
    }

    [Theory]
    [InlineData(0, 100000000)]
    [InlineData(1, 7)]
    [InlineData(1234, 100)]
    public void DataBeginAtAMultipleOf64(int rows, int width)
    {
        NpyFile.Write(
            folder["a.npy"], rows, width, Enumerable.Repeat<ReadOnlyMemory<float>>(new float[rows == 0 ? 0 : width], rows));

        Assert.Equal(128 + rows * width * sizeof(float), new FileInfo(folder["a.npy"]).Length);
    }
}
