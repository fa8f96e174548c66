class Mend < ActiveRecord::Migration[7.1]
  def change
    rename_column :schools, :town, :city
    remove_column :users, :favourite_colour, :string
    add_column :users, :bio, :text
    drop_table :mistakes
  end
end
