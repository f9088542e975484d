using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace DropoutLab.Storage;

/// <summary>A matrix of 32-bit floats in NumPy's format .npy, version 1.0.</summary>
/// <remarks>Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.</remarks>
public static class NpyFile
{
    private const int Alignment = 64;
    private static readonly byte[] Magic = [0x93, .. "NUMPY"u8, 1, 0];

    /// <summary>Writes [rows, width] whole or not at all, row after row, without holding it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">How many rows come.</param>
    /// <param name="width">The numbers of each.</param>
    /// <param name="values">Any number of rows at a time; the memory may be used anew after each.</param>
    /// <exception cref="ArgumentException">Other rows come than were announced.</exception>
    /// <exception cref="DropoutLabException">The file cannot be written; an old one is as it was.</exception>
    public static void Write(string path, int rows, int width, IEnumerable<ReadOnlyMemory<float>> values)
    {
        AtomicFile.Write(path, stream =>
        {
            stream.Write(Header(rows, width));
            long count = 0;
            foreach (ReadOnlyMemory<float> some in values)
            {
                stream.Write(MemoryMarshal.AsBytes(some.Span));
                count += some.Length;
            }

            if (count != (long)rows * width)
                throw new ArgumentException($"{count} numbers are not {rows} rows of {width}", nameof(values));
        });
    }

    private static byte[] Header(int rows, int width)
    {
        const int PrefixBytes = 10; // magic, version and the text's length
        string text = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {width}), }}";
        int padding = Alignment - 1 - (PrefixBytes + text.Length) % Alignment;
        byte[] header = [.. Magic, 0, 0, .. Encoding.ASCII.GetBytes($"{text}{new string(' ', padding)}\n")];
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(Magic.Length), (ushort)(header.Length - PrefixBytes));
        return header;
    }
}
