using System.Buffers.Binary;
using System.IO.Compression;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data;

/// <summary>Small files in Fashion-MNIST's format.</summary>
internal static class IdxBytes
{
    public const int Train = 3;
    public const int Test = 2;

    public static byte Pixel(int seed, int image, int y, int x) => (byte)(seed + (image * 50) + (y * 5) + x);

    public static byte[] Idx(int[] shape, IEnumerable<byte> values)
    {
        byte[] head = new byte[4 + (4 * shape.Length)];
        BinaryPrimitives.WriteInt32BigEndian(head, 0x0800 + shape.Length);
        for (int i = 0; i < shape.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4 + (4 * i)), shape[i]);
        return [.. head, .. values];
    }

    public static byte[] Images(int count, int seed) => Idx(
        [count, 28, 28],
        from image in Enumerable.Range(0, count)
        from y in Enumerable.Range(0, 28)
        from x in Enumerable.Range(0, 28)
        select Pixel(seed, image, y, x));

    public static byte[] Labels(params byte[] labels) => Idx([labels.Length], labels);

    public static byte[] Zip(byte[] bytes)
    {
        MemoryStream zipped = new MemoryStream();
        using (GZipStream stream = new GZipStream(zipped, CompressionLevel.Fastest))
            stream.Write(bytes);
        return zipped.ToArray();
    }

    public static void MakeFolder(TemporaryFolder folder, string subFolder = "", bool zipped = false)
    {
        void Make(string name, byte[] bytes) =>
            folder.Make(Path.Combine(subFolder, zipped ? name + ".gz" : name), zipped ? Zip(bytes) : bytes);
        Make("train-images-idx3-ubyte", Images(Train, seed: 11));
        Make("train-labels-idx1-ubyte", Labels(9, 0, 4));
        Make("t10k-images-idx3-ubyte", Images(Test, seed: 90));
        Make("t10k-labels-idx1-ubyte", Labels(3, 7));
    }
}
