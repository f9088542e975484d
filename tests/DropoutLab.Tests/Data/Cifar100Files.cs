using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data;

/// <summary>Small CIFAR-100 files, with the pixels of <see cref="CifarFiles"/> and labels that are known functions too.</summary>
internal static class Cifar100Files
{
    public const string SubFolder = "cifar-100-binary";
    public const int RecordLength = 3074;

    public static readonly string[] Names = ["train.bin", "test.bin"];

    public static int Count(int file) => file == 0 ? 70 : 3;

    public static byte Fine(int file, int record) => (byte)(((file * 50) + (record * 17) + 99) % 100);

    public static byte Coarse(int file, int record) => (byte)(((file * 7) + (record * 3) + 19) % 20);

    public static byte[] Records(int file) =>
    [
        .. from record in Enumerable.Range(0, Count(file))
           from value in CifarFiles.Planes(file, record).Prepend(Fine(file, record)).Prepend(Coarse(file, record))
           select value,
    ];

    public static void MakeFolder(TemporaryFolder folder, string subFolder = "")
    {
        for (int file = 0; file < Names.Length; file++)
            folder.Make(Path.Combine(subFolder, Names[file]), Records(file));
    }

    public static byte[] Archive() => CifarFiles.Zip(Tape());

    public static byte[] Tape() => CifarFiles.Pack(SubFolder, Names.Select((name, file) => (name, Records(file))));
}
