using DropoutLab.Tests.Data.Matlab;
using DropoutLab.Tests.Storage;
using static DropoutLab.Tests.Data.Matlab.MatlabBytes;

namespace DropoutLab.Tests.Data;

/// <summary>Small SVHN files whose every pixel is a known function of file, image, channel and place.</summary>
internal static class SvhnFiles
{
    public static readonly string[] Names = ["train_32x32.mat", "extra_32x32.mat", "test_32x32.mat"];

    /// <summary>Images in a file.</summary>
    public static int Count(int file) => 12 - (5 * file);

    public static byte Digit(int file, int image) => (byte)((file + (3 * image)) % 10);

    public static byte Pixel(int file, int image, int row, int column, int channel) =>
        (byte)((file * 131) + (image * 61) + (channel * 29) + (row * 7) + (column * 3));

    /// <summary>X in MATLAB's order: the row runs fastest, then the column, the channel, the image.</summary>
    public static IEnumerable<double> Pixels(int file, int count) =>
        from image in Enumerable.Range(0, count)
        from channel in Enumerable.Range(0, 3)
        from column in Enumerable.Range(0, 32)
        from row in Enumerable.Range(0, 32)
        select (double)Pixel(file, image, row, column, channel);

    public static IEnumerable<double> Labels(int file, int count) =>
        from image in Enumerable.Range(0, count)
        let digit = Digit(file, image)
        select (double)(digit == 0 ? 10 : digit);

    public static byte[] X(int file, int count) => Variable("X", [32, 32, 3, count], MiUInt8, Pixels(file, count));

    public static byte[] Y(int file, int count, int type = MiUInt8) => Variable("y", [count, 1], type, Labels(file, count));

    /// <summary>A file as the authors' are, compressed.</summary>
    public static byte[] Whole(int file) => FileOf(Compress(X(file, Count(file))), Compress(Y(file, Count(file))));

    public static void MakeFolder(TemporaryFolder folder, string subFolder = "")
    {
        for (int file = 0; file < Names.Length; file++)
            folder.Make(Path.Combine(subFolder, Names[file]), Whole(file));
    }
}
