namespace DropoutLab.Storage;

/// <summary>What a safetensors header says of one array; the offsets count bytes from the beginning of the data.</summary>
internal sealed record SafetensorsEntry(string Name, StoredType Type, int[] Shape, long Begin, long End);
